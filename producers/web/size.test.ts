import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rollup } from "vite";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");

test("the snippet is one script of less than 3 KB, gzipped, that loads nothing", async () => {
  const configFile = resolve(ROOT, "vite.web.config.ts");
  const { output } = (await build({
    root: ROOT,
    configFile,
    logLevel: "silent",
    build: { write: false },
  })) as Rollup.RollupOutput;
  expect(output.map(({ fileName }) => fileName)).toEqual(["tidemark.js"]);
  const { code } = output[0];
  expect(gzipSync(code).length).toBeLessThan(3000);
  expect(code).not.toMatch(/\bimport\b|\bexport\b|\brequire\(/);
});
