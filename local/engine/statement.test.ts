import { expect, test } from "vitest";
import { type Insert, parametersOf, readStatement, settingsOf, withParameters } from "./statement.ts";

const none = new Map<string, string>();

test("an insert with data behind it is told from a query", () => {
  expect(readStatement("INSERT INTO d.t (`a`, b) FORMAT RowBinary", none)).toMatchObject({
    kind: "insert",
    table: "d.t",
    columns: ["a", "b"],
    format: "RowBinary",
    inline: "",
  });
  expect(readStatement('INSERT INTO t FORMAT JSONEachRow\n{"a":1}', none)).toMatchObject({
    columns: null,
    inline: '{"a":1}',
  });
  expect(readStatement("INSERT INTO t SELECT 1", none).kind).toBe("query");
});

test("settings join a SELECT, and its own SETTINGS clause", () => {
  const settings = new Map([
    ["max_threads", "1"],
    ["format", "it's"],
  ]);
  const sql = (text: string): string => (readStatement(text, settings) as { sql: string }).sql;
  expect(sql("SELECT 1\nFORMAT JSON")).toBe("SELECT 1\nSETTINGS max_threads = 1, format = 'it\\'s'");
  expect(sql("WITH 1 AS x SELECT x SETTINGS a = 2")).toBe(
    "WITH 1 AS x SELECT x SETTINGS a = 2, max_threads = 1, format = 'it\\'s'",
  );
  const added = "\nSETTINGS max_threads = 1, format = 'it\\'s'";
  for (const takes of [
    "-- why\nSELECT 1",
    "/* why */ (SELECT 1)",
    "SELECT name FROM system.settings WHERE name = 'x'",
    "INSERT INTO t (a) SELECT 1",
    "ALTER TABLE t DELETE WHERE a = 1",
  ])
    expect(sql(takes)).toBe(takes + added);
});

test("a statement that cannot take settings says so, unless they mean nothing to it", () => {
  const create = "CREATE TABLE t (a Int8) ENGINE = Memory";
  expect(readStatement(`${create};`, new Map([["output_format_json_quote_64bit_integers", "0"]]))).toMatchObject({
    sql: create,
  });
  expect(() => readStatement(create, new Map([["max_threads", "1"]]))).toThrow(/max_threads/);
});

test("an insert keeps its own settings beside those of the request", () => {
  const insert = readStatement("INSERT INTO t (a) SETTINGS b = 1, c = 'x, y' FORMAT CSV\n1", new Map([["d", "2"]]));
  expect(insert).toMatchObject({ format: "CSV", inline: "1" });
  expect([...(insert as Insert).settings]).toEqual([
    ["d", "2"],
    ["b", "1"],
    ["c", "x, y"],
  ]);
});

test("only what changes nothing is taken for a read", () => {
  const reads = (text: string): boolean => (readStatement(text, none) as { reads: boolean }).reads;
  for (const text of ["SELECT 1", "-- a\nWITH 1 AS x SELECT x", "SHOW TABLES", "DESCRIBE TABLE t"])
    expect(reads(text)).toBe(true);
  for (const text of ["INSERT INTO t SELECT 1", "ALTER TABLE t DROP COLUMN a", "DROP TABLE t", "TRUNCATE TABLE t"])
    expect(reads(text)).toBe(false);
});

test("what concerns the transport alone is not a setting", () => {
  const params = new URLSearchParams("query=x&wait_end_of_query=1&max_threads=2&param_a=5&query_id=q");
  expect([...settingsOf(params)]).toEqual([["max_threads", "2"]]);
  expect([...parametersOf(params)]).toEqual([["a", "5"]]);
});

test("a parameter becomes a quoted value of its type; what is not given stays", () => {
  const parameters = new Map([
    ["s", "it's\\\\ \\n"],
    ["n", "\\N"],
    ["t", "x`y"],
  ]);
  expect(withParameters("{s:String} {n: Nullable(Int8)} {t:Identifier} {u:Int8}", parameters)).toBe(
    "CAST('it\\'s\\\\ \n' AS String) CAST(NULL AS Nullable(Int8)) `xy` {u:Int8}",
  );
});

test("a request that may only read reads, and does nothing else", () => {
  const settings = new Map([["readonly", "2"]]);
  expect(readStatement("SELECT 1", settings)).toMatchObject({ sql: "SELECT 1", reads: true });
  for (const text of ["DROP TABLE t", "INSERT INTO t FORMAT CSV\n1", "-- SELECT\nTRUNCATE TABLE t"])
    expect(() => readStatement(text, settings)).toThrow("READONLY");
  expect(readStatement("DROP TABLE t", new Map([["readonly", "0"]]))).toMatchObject({ sql: "DROP TABLE t" });
});
