// The local engine against the official client: what our code relies on, whichever way ClickHouse is provided.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClickHouse, type ClickHouseClient } from "../../clickhouse/client.ts";
import { RowBinaryWriter } from "../../clickhouse/row-binary.ts";
import { startEngine, type Engine } from "../../local/engine.ts";

let folder: string;
let engine: Engine;
let client: ClickHouseClient;

const open = async (): Promise<void> => {
  engine = await startEngine({ dataDir: join(folder, "data"), log: join(folder, "engine.log") });
  client = createClickHouse(
    { CLICKHOUSE_URL: engine.url, CLICKHOUSE_USER: "default", CLICKHOUSE_PASSWORD: "" },
    "test",
  );
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tidemark-engine-"));
  await open();
  await client.command({ query: "CREATE DATABASE IF NOT EXISTS d" });
  await client.command({
    query: `CREATE TABLE IF NOT EXISTS d.t (k UInt64, at DateTime64(3, 'UTC'), name LowCardinality(String), bytes String,
              list Array(Int64), maybe Nullable(UInt32), made DateTime DEFAULT toDateTime(7), v UInt64)
            ENGINE = ReplacingMergeTree(v) ORDER BY k`,
  });
});

afterAll(async () => {
  await client.close();
  await engine.stop();
  await rm(folder, { recursive: true, force: true });
});

const rows = async <T>(query: string, query_params: Record<string, unknown> = {}): Promise<T[]> =>
  (await client.query({ query, query_params, format: "JSONEachRow" })).json<T>();

test("it answers a ping and a query, in any format", async () => {
  expect((await client.ping()).success).toBe(true);
  const compact = await client.query({ query: "SELECT 1 AS a, 'x' AS b", format: "JSONCompactEachRow" });
  expect(await compact.json()).toEqual([[1, "x"]]);
  const whole = await client.query({ query: "SELECT 1 AS a", format: "JSON" });
  expect((await whole.json<{ a: number }>()).data).toEqual([{ a: 1 }]);
  expect(await (await client.query({ query: "SELECT 1, 2", format: "TabSeparated" })).text()).toBe("1\t2\n");
});

test("query parameters keep their type and cannot become SQL", async () => {
  const query = "SELECT {s:String} AS s, {n:UInt64} AS n, {l:Array(String)} AS l";
  const params = { s: "it's'; DROP TABLE d.t; --\\", n: 5, l: ["a'b", "c"] };
  expect(await rows(query, params)).toEqual([params]);
});

test("a setting holds for its query alone", async () => {
  const ask = async (rows: number): Promise<string> => {
    const clickhouse_settings = { max_block_size: String(rows) };
    const answer = await client.query({
      query: "SELECT max(blockSize()) FROM numbers(100)",
      format: "TabSeparated",
      clickhouse_settings,
    });
    return answer.text();
  };
  expect(await ask(7)).toBe("7\n");
  expect(await ask(60)).toBe("60\n");
});

test("an error carries ClickHouse's own code", async () => {
  await expect(rows("SELECT * FROM d.nowhere")).rejects.toMatchObject({ code: "60", type: "UNKNOWN_TABLE" });
  await expect(rows("SELEC 1")).rejects.toMatchObject({ code: "62" });
});

test("rows inserted as JSON take the table's defaults for what they leave out", async () => {
  await client.insert({ table: "d.t", values: [{ k: 1, name: "json", v: 1 }], format: "JSONEachRow" });
  const [row] = await rows<{ made: string }>("SELECT name, toUnixTimestamp(made) AS made FROM d.t WHERE k = 1");
  expect(row).toEqual({ name: "json", made: 7 });
});

test.each(["plain", "gzip"])("RowBinary goes through byte for byte, %s", async (encoding) => {
  const bytes = Buffer.from([0, 1, 255, 10, 39, 92, 128]);
  const writer = new RowBinaryWriter();
  const key = encoding === "plain" ? 2 : 3;
  writer.i64(key);
  writer.i64(1_795_000_000_123);
  writer.string("bínary");
  writer.bytes(bytes);
  writer.array([-1, 2 ** 52], (value) => writer.i64(value));
  writer.nullable(null, (value) => writer.u32(value));
  const body = writer.take();
  const query = "INSERT INTO d.t (k, at, name, bytes, list, maybe) FORMAT RowBinary";
  if (encoding === "plain") {
    const { stream } = await client.exec({ query, values: Readable.from([body], { objectMode: false }) });
    stream.resume();
  } else {
    const url = `${engine.url}/?query=${encodeURIComponent(query)}`;
    const headers = { "content-encoding": "gzip" };
    expect((await fetch(url, { method: "POST", body: gzipSync(body), headers })).status).toBe(200);
  }
  const got = await rows(
    `SELECT toUnixTimestamp64Milli(at) AS at, name, hex(bytes) AS bytes, list, maybe FROM d.t WHERE k = ${key}`,
  );
  expect(got).toEqual([
    {
      at: 1_795_000_000_123,
      name: "bínary",
      bytes: bytes.toString("hex").toUpperCase(),
      list: [-1, 2 ** 52],
      maybe: null,
    },
  ]);
});

test("the row with the highest version wins under FINAL", async () => {
  for (const [name, v] of [
    ["new", 9],
    ["old", 3],
  ])
    await client.insert({ table: "d.t", values: [{ k: 50, name, v }], format: "JSONEachRow" });
  expect(await rows("SELECT name FROM d.t FINAL WHERE k = 50")).toEqual([{ name: "new" }]);
});

test("it answers a ping while a long query runs", async () => {
  let done = false;
  const long = rows("SELECT sum(sipHash64(number)) AS s FROM numbers(60000000)").finally(() => (done = true));
  expect((await client.ping()).success).toBe(true);
  expect(done).toBe(false);
  await long;
});

test("an insert does not wait for a long query", async () => {
  let done = false;
  const long = rows("SELECT sum(sipHash64(number)) AS s FROM numbers(60000000)").finally(() => (done = true));
  await client.insert({ table: "d.t", values: [{ k: 70, name: "meanwhile", v: 1 }], format: "JSONEachRow" });
  expect(await rows("SELECT name FROM d.t WHERE k = 70")).toEqual([{ name: "meanwhile" }]);
  expect(done).toBe(false);
  await long;
});

test("a folder belongs to one process", async () => {
  const second = startEngine({ dataDir: join(folder, "data"), log: join(folder, "second.log") });
  await expect(second).rejects.toThrow(/is used by another engine/);
});

test("acknowledged inserts survive a kill", async () => {
  await client.insert({ table: "d.t", values: [{ k: 100, name: "kept", v: 1 }], format: "JSONEachRow" });
  engine.child.process.kill("SIGKILL");
  await engine.child.ended;
  await client.close();
  await open();
  expect(await rows("SELECT name FROM d.t WHERE k = 100")).toEqual([{ name: "kept" }]);
});
