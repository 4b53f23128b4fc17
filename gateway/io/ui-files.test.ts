import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { buildId, uiFiles } from "./ui-files.ts";

const folder = mkdtempSync(join(tmpdir(), "tidemark-ui-"));
mkdirSync(join(folder, "assets"));
writeFileSync(join(folder, "index.html"), "<!doctype html>the page");
writeFileSync(join(folder, "assets/wall-abc123.js"), "the script");
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["/", "the page", "no-cache"],
  ["/wall/pulse", "the page", "no-cache"],
  ["/assets/wall-abc123.js", "the script", "public, max-age=31536000, immutable"],
])("%s is %s, cached as %s", async (path, content, cache) => {
  const answer = await uiFiles(folder).request(path);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain(content);
  expect(answer.headers.get("cache-control")).toBe(cache);
});

test("a missing asset is missing, not the page: an old page must not take HTML for a script", async () => {
  const answer = await uiFiles(folder).request("/assets/wall-old.js");
  expect(answer.status).toBe(404);
  expect(answer.headers.get("cache-control")).toBeNull();
});

test("nothing outside of the folder is served", async () => {
  const answer = await uiFiles(folder).request("/..%2f..%2fetc/passwd");
  expect(await answer.text()).toContain("the page");
});

test("another page is another build; without one the fallback names it", () => {
  const before = buildId(folder, "0.1.0");
  writeFileSync(join(folder, "index.html"), "<!doctype html>the page, changed");
  expect(buildId(folder, "0.1.0")).not.toBe(before);
  expect(buildId(join(folder, "nowhere"), "0.1.0")).toBe("0.1.0");
  writeFileSync(join(folder, "index.html"), "<!doctype html>the page");
  expect(buildId(folder, "0.1.0")).toBe(before);
});
