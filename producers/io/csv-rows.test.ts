import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCsv, type CsvRow } from "./csv-rows.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "csv-rows-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function rowsOf(
  content: string | Buffer,
  options: { delimiter?: string; encoding?: BufferEncoding } = {},
): Promise<CsvRow[]> {
  const path = join(folder, "file.csv");
  await writeFile(path, content);
  const file = await openCsv(path, { delimiter: ",", encoding: "utf8", ...options });
  const rows: CsvRow[] = [];
  for await (const row of file.rows) rows.push(row);
  expect(file.bytesRead()).toBe(file.bytes);
  return rows;
}

test("rows come by the names of the header, with the line of the file on which they end", async () => {
  expect(await rowsOf(`\uFEFF"a",b\n1,"two, too"\n3,"four\nlines"\n5,6`)).toEqual([
    { line: 2, row: { a: "1", b: "two, too" } },
    { line: 4, row: { a: "3", b: "four\nlines" } },
    { line: 5, row: { a: "5", b: "6" } },
  ]);
});

test("a gzipped file is told by its first bytes, whatever its name", async () => {
  expect(await rowsOf(gzipSync("a,b\n1,2\n"))).toEqual([{ line: 2, row: { a: "1", b: "2" } }]);
});

test("other delimiters and encodings are read as told", async () => {
  const latin = Buffer.from("a;b\nCaf\xe9;2\n", "latin1");
  expect(await rowsOf(latin, { delimiter: ";", encoding: "latin1" })).toEqual([
    { line: 2, row: { a: "Café", b: "2" } },
  ]);
});

test("a row with too few or too many columns cannot be made out, and the next one can", async () => {
  expect(await rowsOf("a,b\n1\n1,2,3\n\n1,2\n")).toEqual([
    { line: 2, row: null },
    { line: 3, row: null },
    { line: 5, row: { a: "1", b: "2" } },
  ]);
});

test("a quote that is never closed costs the rows it swallows, not the run", async () => {
  const rows = await rowsOf(`a,b\n1,2\n3,"4\n5,6\n`);
  expect(rows[0]).toEqual({ line: 2, row: { a: "1", b: "2" } });
  expect(rows.slice(1).map(({ row }) => row)).toEqual([null]);
});

test("an empty file and a broken gzip are errors that name the file", async () => {
  await expect(rowsOf("")).rejects.toThrow("file.csv is empty");
  const whole = gzipSync(`a,b\n${"1,2\n".repeat(10_000)}`);
  await expect(rowsOf(whole.subarray(0, whole.length - 20))).rejects.toThrow(/file\.csv: unexpected end of file/);
});
