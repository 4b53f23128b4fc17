import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { settingsTable } from "../runtime/settings-table.ts";

const ROOT = resolve(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

test("the README's table of settings is the one of the code (npm run docs writes it)", () => {
  const table = /<!-- settings -->\n([\s\S]*?)<!-- \/settings -->/.exec(read("README.md"))?.[1];
  expect(table).toBe(settingsTable());
});

test("every column of the public views is described, and no other", () => {
  const views = read("clickhouse/migrations/views.sql");
  const pages = read("docs/analytics.md")
    .split(/^## analytics\./m)
    .slice(1);
  const described = Object.fromEntries(
    pages.map((page) => [
      page.slice(0, page.indexOf("\n")),
      [...page.matchAll(/^\| (\w+)\s*\|/gm)].map((match) => match[1]!).filter((name) => name !== "column"),
    ]),
  );
  const columns = Object.fromEntries(
    [...views.matchAll(/VIEW \{analytics\}\.(\w+) AS\nSELECT\n([\s\S]*?)\nFROM/g)].map(([, name, select]) => [
      name!,
      [...select!.matchAll(/ AS (\w+),?$/gm)].map((match) => match[1]!),
    ]),
  );
  expect(Object.keys(columns).length).toBe(6);
  expect(described).toEqual(columns);
});

test("every file that the docs link to exists", () => {
  for (const page of ["README.md", "CONTRIBUTING.md", ...readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`)])
    if (page.endsWith(".md"))
      for (const [, target] of read(page).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g))
        expect(() => readFileSync(join(ROOT, page, "..", target!)), `${page} → ${target}`).not.toThrow();
});

test("every test that the failure table names exists", () => {
  const page = read("docs/exactness.md");
  const table = page.slice(page.indexOf("## What must hold under each failure"));
  const named = [...table.matchAll(/“([^”]+)”/g)].map(([, name]) => name!);
  const files = ["tests", "gateway", "stream", "producers"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  );
  const sources = files
    .filter((file) => file.endsWith(".test.ts"))
    .map(read)
    .join("\n");
  expect(named.length).toBeGreaterThan(12);
  expect(named.filter((name) => !sources.includes(`"${name}"`))).toEqual([]);
});
