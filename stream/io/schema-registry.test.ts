// The registry's side of decoding, against a real HTTP server that answers, refuses, and is away.
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../../local/free-port.ts";
import { EventDecoder } from "../../producers/contract/codec.ts";
import { loadSchema } from "../../producers/contract/schemas.ts";
import type { Logger } from "../../runtime/log.ts";
import { framed, REGISTRY_PASSWORD, REGISTRY_USER, TestRegistry } from "../../tests/support/registry.ts";
import { LogRecord } from "../core/log-record.ts";
import { SchemaRegistry } from "./schema-registry.ts";

const SCHEMA = { schema: JSON.stringify(loadSchema("page_viewed")) };
const going = (): Promise<boolean> => Promise.resolve(true);

let server: TestRegistry;
let decoder: EventDecoder;
let lines: string[];

beforeEach(async () => {
  server = new TestRegistry(await freePort());
  decoder = new EventDecoder({ registry: true });
  lines = [];
});
afterEach(() => server.close());

function registry(user = REGISTRY_USER, password = REGISTRY_PASSWORD): SchemaRegistry {
  const write = (first: object | string, line?: string): void => {
    lines.push(typeof first === "string" ? first : line!);
  };
  const log = { info: write, warn: write } as unknown as Logger;
  return new SchemaRegistry(decoder, { url: `${server.url}/`, user, password }, log);
}

/** Records that name these schemas, among others that name none. */
const records = (...ids: number[]): LogRecord[] =>
  [null, Buffer.alloc(0), Buffer.from("c301", "hex"), ...ids.map((id) => framed(id, Buffer.from([1])))].map(
    (value, offset) => LogRecord.of(offset, 0, Buffer.from("key"), value),
  );

async function until(what: () => boolean): Promise<void> {
  while (!what()) await sleep(10);
}

test("a schema is asked for once, however many records and partitions need it", async () => {
  server.schemas.set(7, SCHEMA);
  await server.open();
  const schemas = registry();
  const batches = [records(7, 7, 7), records(7), records()];
  expect(await Promise.all(batches.map((batch) => schemas.learn(batch, going)))).toEqual([true, true, true]);
  expect(await schemas.learn(records(7), going)).toBe(true);
  expect(server.asked).toEqual([7]);
  expect(decoder.knows(7)).toBe(true);
});

test("a schema that the registry does not have is asked for once, too, and is not waited for", async () => {
  await server.open();
  const schemas = registry();
  expect(await schemas.learn(records(5), going)).toBe(true);
  expect(await schemas.learn(records(5), going)).toBe(true);
  expect(server.asked).toEqual([5]);
  expect(lines.join()).toContain("no schema 5");
});

test.each([
  ["of another language", { schema: `syntax = "proto3"`, schemaType: "PROTOBUF" }, "it is PROTOBUF, not Avro"],
  ["in several parts", { ...SCHEMA, references: [{ name: "A", subject: "a", version: 1 }] }, "it refers to others"],
  ["of something else", { schema: `"string"` }, "none of our events"],
])("a schema %s is learned as one that cannot be read", async (_, registered, why) => {
  server.schemas.set(7, registered);
  await server.open();
  expect(await registry().learn(records(7), going)).toBe(true);
  const detail = expect.stringContaining(why) as string;
  expect(decoder.decode(framed(7, Buffer.from([1])))).toMatchObject({ reason: "decode-schema", detail });
});

describe("while the registry is away", () => {
  test("a batch waits, breathing, and goes on when it is back; that is said once each", async () => {
    server.schemas.set(7, SCHEMA);
    const schemas = registry();
    let breaths = 0;
    const learned = schemas.learn(records(7), () => Promise.resolve(++breaths > 0));
    await until(() => breaths >= 4);
    expect(schemas.waiting).toBe(true);
    expect(decoder.knows(7)).toBe(false);
    await server.open();
    expect(await learned).toBe(true);
    expect(schemas.waiting).toBe(false);
    expect(decoder.knows(7)).toBe(true);
    expect(lines).toEqual([
      expect.stringContaining("waiting for it, nothing is lost"),
      "learned schema 7 of the registry",
      "the schema registry answers again",
    ]);
    expect(lines[0]).toContain("ECONNREFUSED");
  });

  test("who is told to stop waits no longer", async () => {
    const schemas = registry();
    let breaths = 0;
    expect(await schemas.learn(records(7), () => Promise.resolve(++breaths < 3))).toBe(false);
    expect(decoder.knows(7)).toBe(false);
    expect(schemas.waiting).toBe(false);
  });

  test.each([
    [404, "is SCHEMA_REGISTRY_URL the address of a schema registry?"],
    [500, "it answers 500"],
    [200, "it answers 200"],
  ])("an answer of %d that a registry would not give counts as none", async (status, said) => {
    server.schemas.set(7, SCHEMA);
    server.brokenWith = status;
    await server.open();
    const learned = registry().learn(records(7), going);
    await until(() => lines.length > 0);
    expect(lines[0]).toContain(said);
    server.brokenWith = null;
    expect(await learned).toBe(true);
    expect(decoder.knows(7)).toBe(true);
  });

  test("a wrong password is named as what it is", async () => {
    server.schemas.set(7, SCHEMA);
    await server.open();
    let breaths = 0;
    expect(await registry(REGISTRY_USER, "wrong").learn(records(7), () => Promise.resolve(++breaths < 3))).toBe(false);
    expect(lines[0]).toContain("refuses user tidemark (401): check SCHEMA_REGISTRY_USER");
    expect(lines.join()).not.toContain("wrong");
  });
});
