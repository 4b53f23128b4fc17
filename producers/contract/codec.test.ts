import avro from "avsc";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeEvent, EventDecoder, FINGERPRINTS, registryIdIn } from "./codec.ts";
import { EVENT_TYPES, recordKey, type EventType, type ShopEvent } from "./events.ts";
import { fingerprint } from "./fingerprint.ts";
import { loadSchema } from "./schemas.ts";

const text = fc.string({ unit: "grapheme", maxLength: 20 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });
/** Avro longs pass through a double here, doubled: exact to 2^52. Amounts and times are far below. */
const long = fc.integer({ min: -(2 ** 52), max: 2 ** 52 });
const int = fc.integer();

const common = {
  event_id: text,
  occurred_at: long,
  store: text,
  session_id: maybe(text),
  session_started_at: maybe(long),
  visitor_id: maybe(text),
  customer_id: maybe(text),
  channel: text,
  campaign: maybe(text),
  country: text,
  region: maybe(text),
  device: text,
  segment: maybe(text),
  user_agent: maybe(text),
  test: fc.boolean(),
};
const product = { sku: text, name: text, category: maybe(text) };
const taken = { goods: long, tax: long, shipping: long, currency: text, reason: maybe(text) };
const orderLine = fc.record({ ...product, quantity: int, unit_price: long });
const refundLine = fc.record({ ...product, quantity: int, goods: long });

const bodies = {
  session_started: { referrer: maybe(text) },
  page_viewed: { page: text },
  product_viewed: { sku: text, category: maybe(text) },
  cart_changed: { sku: text, category: maybe(text), quantity: int },
  checkout_started: { cart_value: long, currency: text },
  payment_failed: { order_id: maybe(text), amount: long, currency: text, reason: maybe(text) },
  order_placed: {
    order_id: text,
    placed_at: long,
    currency: text,
    lines: fc.array(orderLine, { maxLength: 4 }),
    discount: long,
    tax: long,
    shipping: long,
  },
  order_cancelled: { order_id: text, placed_at: long, ...taken },
  order_refunded: {
    refund_id: text,
    order_id: maybe(text),
    placed_at: long,
    lines: fc.array(refundLine, { maxLength: 4 }),
    ...taken,
  },
  stock_changed: { sku: text, on_hand: maybe(long), change: long, reason: maybe(text) },
  customer_updated: { city: maybe(text), customer_since: maybe(long) },
  product_updated: { ...product, price: long, currency: text, active: fc.boolean() },
  fx_fixed: {
    day: text,
    rates: fc.dictionary(fc.string({ minLength: 3, maxLength: 3 }), text, { noNullPrototype: true }),
  },
} satisfies Record<EventType, Record<string, fc.Arbitrary<unknown>>>;

const eventOf = (type: EventType): fc.Arbitrary<ShopEvent> =>
  fc.record<Record<string, unknown>>({
    type: fc.constant(type),
    ...common,
    ...bodies[type],
  }) as unknown as fc.Arbitrary<ShopEvent>;
const anyEvent = fc.oneof(...EVENT_TYPES.map(eventOf));

const decoder = new EventDecoder();
const reasonOf = (bytes: Buffer | null): string => {
  const decoded = decoder.decode(bytes);
  return decoded.ok ? "ok" : decoded.reason;
};
const [page] = fc.sample(eventOf("page_viewed"), { seed: 1, numRuns: 1 });

const PINNED: Record<EventType, string> = {
  session_started: "45e8488a1081024d",
  page_viewed: "a06ac48f97980f6c",
  product_viewed: "a766df231764d41b",
  cart_changed: "258ef788c6a795d6",
  checkout_started: "5c998a8fbfd7b5c0",
  payment_failed: "0f4ac44a1991664e",
  order_placed: "dd4784976231db9b",
  order_cancelled: "a14c0fd1c679ed38",
  order_refunded: "0a1253bdc8662f19",
  stock_changed: "fb3268047b35a8b9",
  customer_updated: "649fca2b7bd1cdfb",
  product_updated: "b8fb443a6a037c1d",
  fx_fixed: "dcb28c312ff4104c",
};

describe("an event on the wire", () => {
  test.each(EVENT_TYPES)("%s comes back as it was sent", (type) => {
    fc.assert(
      fc.property(eventOf(type), (event) => {
        expect(decoder.decode(encodeEvent(event))).toEqual({ ok: true, event });
      }),
    );
  });

  test("starts with C3 01 and its schema's fingerprint", () => {
    const bytes = encodeEvent(page!);
    expect(bytes.toString("hex", 0, 10)).toBe(`c301${FINGERPRINTS.page_viewed}`);
  });

  test("keeps its schemas: a changed fingerprint is a new version of the wire format", () => {
    expect(FINGERPRINTS).toEqual(PINNED);
  });

  test("an event that does not fit its schema is a bug of the writer, and is not written", () => {
    expect(() => encodeEvent({ ...page!, occurred_at: "yesterday" } as unknown as ShopEvent)).toThrow('invalid "long"');
  });
});

describe("a count that the bytes cannot hold is damage, found before anything is made for it:", () => {
  const longType = avro.Type.forSchema("long");
  /** The bytes of the event, with `count` where the first block of what is empty in it says that it has none. */
  const claiming = (empty: ShopEvent, full: ShopEvent, count: number): Buffer => {
    const [a, b] = [encodeEvent(empty), encodeEvent(full)];
    const at = a.findIndex((byte, i) => byte !== b[i]);
    expect(a[at]).toBe(0);
    return Buffer.concat([a.subarray(0, at), longType.toBuffer(count), a.subarray(at)]);
  };
  const line = { sku: "k", name: "n", category: null, quantity: 1, unit_price: 1 };
  const money = { discount: 0, tax: 0, shipping: 0, currency: "GBP" };
  const base = { ...page!, type: "order_placed", order_id: "o", placed_at: 0, ...money } as const;
  const order = (lines: object[]): ShopEvent => ({ ...base, lines }) as unknown as ShopEvent;
  const fixing = (rates: Record<string, string>): ShopEvent =>
    ({ ...page!, type: "fx_fixed", day: "2026-11-17", rates }) as unknown as ShopEvent;

  test.each([3, 100_000_000, 2 ** 50, -100_000_000])("%d lines, or rates", (count) => {
    expect(reasonOf(claiming(order([]), order([line]), count))).toBe("decode-truncated");
    expect(reasonOf(claiming(fixing({}), fixing({ USD: "1.1" }), count))).toBe("decode-truncated");
  });

  test("in a version that somebody else wrote, too", () => {
    const decoder = new EventDecoder();
    const depths = { name: "depths", type: { type: "array", items: "int" }, default: [] };
    const newer = withField(loadSchema("page_viewed"), depths);
    decoder.register(newer.schema);
    expect(decoder.decode(newer.encode({ ...page!, depths: [1, 2] }))).toEqual({ ok: true, event: page });
    const none = newer.encode({ ...page!, depths: [] });
    const jumpsBack = Buffer.concat([none.subarray(0, -1), Buffer.from([1, 3, 2, 0])]); // one item, in a block of −2 bytes
    expect(decoder.decode(jumpsBack)).toMatchObject({ ok: false, reason: "decode-truncated" });
    const sized = Buffer.concat([none.subarray(0, -1), Buffer.from([1, 2, 2, 0])]);
    expect(decoder.decode(sized)).toEqual({ ok: true, event: page });
    const bytes = Buffer.concat([none.subarray(0, -1), longType.toBuffer(2 ** 50), Buffer.from([0])]);
    expect(decoder.decode(bytes)).toMatchObject({ ok: false, reason: "decode-truncated" });
  });
});

describe("the schemas", () => {
  test("have the common fields in common, in the same order and with the same types and defaults", () => {
    const names = Object.keys(common);
    const first = fieldsOf("session_started").slice(0, names.length);
    expect(first.map(({ name }) => name)).toEqual(names);
    for (const type of EVENT_TYPES) expect(fieldsOf(type).slice(0, names.length)).toEqual(first);
  });

  test("a reader gets the default of a field that an older writer did not have", () => {
    const decoder = new EventDecoder();
    const older = without(loadSchema("page_viewed"), "segment");
    decoder.register(older.schema);
    const decoded = decoder.decode(older.encode(page!));
    expect(decoded).toEqual({ ok: true, event: { ...page!, segment: null } });
  });

  test("a reader passes over a field that a newer writer has added", () => {
    const decoder = new EventDecoder();
    const newer = withField(loadSchema("page_viewed"), { name: "scroll_depth", type: "int", default: 0 });
    decoder.register(newer.schema);
    const decoded = decoder.decode(newer.encode({ ...page!, scroll_depth: 70 }));
    expect(decoded).toEqual({ ok: true, event: page });
  });

  test("a reader finds a field that a newer writer has renamed by the alias that it left", () => {
    const decoder = new EventDecoder();
    const renamed = versionOf({
      ...schemaOf("page_viewed"),
      fields: schemaOf("page_viewed").fields.map((field) =>
        field.name === "page" ? { ...field, name: "path", aliases: ["page"] } : field,
      ),
    });
    decoder.register(renamed.schema);
    const { page: path, ...rest } = page as ShopEvent & { page: string };
    expect(decoder.decode(renamed.encode({ ...rest, path }))).toEqual({ ok: true, event: page });
  });

  test("a newer writer's record is unreadable only as long as its schema is not registered", () => {
    const newer = withField(loadSchema("page_viewed"), { name: "scroll_depth", type: "int", default: 0 });
    expect(reasonOf(newer.encode({ ...page!, scroll_depth: 70 }))).toBe("decode-schema");
  });
});

describe("Confluent's wire format", () => {
  const framed = (id: number, body: Uint8Array): Buffer => {
    const header = Buffer.alloc(5);
    header.writeUInt32BE(id, 1);
    return Buffer.concat([header, body]);
  };
  const body = (event: ShopEvent): Buffer => encodeEvent(event).subarray(10);
  const ids = Object.fromEntries(EVENT_TYPES.map((type, index) => [type, 0x01020300 + index])) as Record<
    EventType,
    number
  >;
  const learned = (): EventDecoder => {
    const decoder = new EventDecoder({ registry: true });
    for (const type of EVENT_TYPES) expect(decoder.learn(ids[type], JSON.stringify(loadSchema(type)))).toBeNull();
    return decoder;
  };

  test.each(EVENT_TYPES)("%s comes back as it was sent, its type known by its record's name", (type) => {
    const decoder = learned();
    fc.assert(
      fc.property(eventOf(type), (event) => {
        expect(decoder.decode(framed(ids[type], body(event)))).toEqual({ ok: true, event });
      }),
      { numRuns: 20 },
    );
  });

  test("is read beside our own, and versions of a schema beside each other", () => {
    const decoder = learned();
    const older = without(loadSchema("page_viewed"), "segment");
    const newer = withField(loadSchema("page_viewed"), { name: "scroll_depth", type: "int", default: 0 });
    decoder.learn(1, JSON.stringify(older.schema));
    decoder.learn(2, JSON.stringify(newer.schema));
    const bodyOf = (bytes: Buffer): Buffer => bytes.subarray(10);
    expect(decoder.decode(encodeEvent(page!))).toEqual({ ok: true, event: page });
    expect(decoder.decode(framed(1, bodyOf(older.encode(page!))))).toEqual({
      ok: true,
      event: { ...page!, segment: null },
    });
    const more = { ...page!, scroll_depth: 70 };
    expect(decoder.decode(framed(2, bodyOf(newer.encode(more))))).toEqual({ ok: true, event: page });
  });

  test("is no marker of ours where no registry is configured", () => {
    expect(reasonOf(framed(ids.page_viewed, body(page!)))).toBe("decode-marker");
  });

  test("an id is 4 bytes, big-endian, without a sign", () => {
    expect(registryIdIn(Buffer.from("ff00fffffffe00", "hex"), 1, 7)).toBe(0xfffffffe);
    expect(registryIdIn(Buffer.from("0000000001", "hex"), 0, 5)).toBe(1);
    expect(registryIdIn(Buffer.from("00000001", "hex"), 0, 4)).toBe(-1);
    expect(registryIdIn(Buffer.from("c300000001", "hex"), 0, 5)).toBe(-1);
  });

  test.each([
    [
      "of somebody else's record",
      `{"type":"record","name":"com.example.PageViewed","fields":[]}`,
      "none of our events",
    ],
    ["of no record", `"string"`, "the type string is none of our events"],
    ["that lacks a field without a default", JSON.stringify(without(loadSchema("page_viewed"), "page").schema), "page"],
    ["that is no Avro", `{"type":"object"}`, "unknown type"],
    ["that is no JSON", `syntax = "proto3"`, "JSON"],
  ])("a schema %s makes dead letters that say so", (_, schema, why) => {
    const decoder = learned();
    expect(decoder.learn(9, schema)).toContain(why);
    expect(decoder.knows(9)).toBe(true);
    const decoded = decoder.decode(framed(9, body(page!)));
    expect(decoded).toMatchObject({ ok: false, reason: "decode-schema", detail: expect.stringContaining(why) });
  });

  test("an id that was not learned is unknown to the registry, too", () => {
    const decoded = learned().decode(framed(77, body(page!)));
    const detail = "the schema registry has no schema 77";
    expect(decoded).toEqual({ ok: false, reason: "decode-schema", detail });
  });

  test("a record cut off or followed by bytes is never taken for a whole one", () => {
    const decoder = learned();
    fc.assert(
      fc.property(anyEvent, (event) => {
        const bytes = framed(ids[event.type], body(event));
        for (let length = 0; length < bytes.length; length++) {
          const decoded = decoder.decode(bytes.subarray(0, length));
          expect(decoded.ok ? "ok" : decoded.reason).toMatch(/^decode-(empty|marker|truncated|body)$/);
        }
        expect(decoder.decode(Buffer.concat([bytes, Buffer.from([0])]))).toMatchObject({ reason: "decode-trailing" });
      }),
      { numRuns: 30 },
    );
  });

  test("no bytes make it throw", () => {
    const decoder = learned();
    fc.assert(
      fc.property(fc.constantFrom(0, ...Object.values(ids)), fc.uint8Array({ maxLength: 400 }), (id, noise) => {
        expect(typeof decoder.decode(framed(id, noise)).ok).toBe("boolean");
      }),
      { numRuns: 2000 },
    );
  });
});

describe("what cannot be read is a value with its reason", () => {
  test.each([
    ["no value", null, "decode-empty"],
    ["an empty value", Buffer.alloc(0), "decode-empty"],
    ["text", Buffer.from(`{"type":"page_viewed"}`), "decode-marker"],
    ["the Confluent wire format", Buffer.from("0000000001020304050607", "hex"), "decode-marker"],
    ["the marker alone", Buffer.from("c301", "hex"), "decode-marker"],
    ["a schema nobody knows", Buffer.from("c301000102030405060708", "hex"), "decode-schema"],
    ["one byte too many", Buffer.concat([encodeEvent(page!), Buffer.from([0])]), "decode-trailing"],
    ["a union branch that there is not", corruptUnion(), "decode-body"],
  ])("%s", (_, bytes, reason) => {
    expect(reasonOf(bytes)).toBe(reason);
  });

  test("a record cut off at any byte is never taken for a whole one", () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const bytes = encodeEvent(event);
        for (let length = 0; length < bytes.length; length++)
          expect(reasonOf(bytes.subarray(0, length))).toMatch(/^decode-(empty|marker|truncated|body)$/);
      }),
      { numRuns: 60 },
    );
  });

  test("no bytes make it throw", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...EVENT_TYPES),
        fc.uint8Array({ maxLength: 400 }),
        fc.boolean(),
        (type, noise, headed) => {
          const header = headed ? Buffer.from(`c301${FINGERPRINTS[type]}`, "hex") : Buffer.alloc(0);
          expect(typeof decoder.decode(Buffer.concat([header, noise])).ok).toBe("boolean");
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe("the record key", () => {
  test("is the session's id, so that all of a session is in one partition", () => {
    fc.assert(
      fc.property(anyEvent, text, (event, session) => {
        expect(recordKey({ ...event, session_id: session })).toBe(session);
      }),
    );
  });

  test("is the order's id where there is no session, so that all about an order is in one partition", () => {
    fc.assert(
      fc.property(eventOf("order_placed"), eventOf("order_cancelled"), eventOf("order_refunded"), text, (...drawn) => {
        const order = drawn.pop() as string;
        const keys = (drawn as ShopEvent[]).map((event) =>
          recordKey({ ...event, session_id: null, order_id: order } as ShopEvent),
        );
        expect(new Set(keys)).toEqual(new Set([order]));
      }),
    );
  });
});

/** A version of a schema, and a writer that knows it. */
interface Version {
  readonly schema: avro.Schema;
  encode(event: object): Buffer;
}

type RecordSchema = { fields: { name: string }[] };

const schemaOf = (type: EventType): RecordSchema => loadSchema(type) as unknown as RecordSchema;
const fieldsOf = (type: EventType): { name: string }[] => schemaOf(type).fields;

function versionOf(record: RecordSchema): Version {
  const schema = record as unknown as avro.Schema;
  const type = avro.Type.forSchema(schema);
  const header = Buffer.from(`c301${fingerprint(type)}`, "hex");
  return { schema, encode: (event) => Buffer.concat([header, type.toBuffer(event)]) };
}

function without(schema: avro.Schema, name: string): Version {
  const record = schema as unknown as RecordSchema;
  return versionOf({ ...record, fields: record.fields.filter((field) => field.name !== name) });
}

function withField(schema: avro.Schema, field: { name: string; type: unknown; default: unknown }): Version {
  const record = schema as unknown as RecordSchema;
  return versionOf({ ...record, fields: [...record.fields, field] });
}

/** session_id is the union after three fields: its branch is made one that does not exist. */
function corruptUnion(): Buffer {
  const bytes = encodeEvent({ ...page!, event_id: "e", occurred_at: 0, store: "s" });
  const at = 10 + 2 + 1 + 2;
  return Buffer.concat([bytes.subarray(0, at), Buffer.from([0x0c]), bytes.subarray(at + 1)]);
}
