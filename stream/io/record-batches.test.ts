// Both readings of a record batch, kafkajs' own and ours, on batches of every kind, made by kafkajs' own encoder.
import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  emptyWhatIsNoData,
  fetchWholeBatches,
  logRecords,
  type DecodedMessage,
  type FetchedMessage,
} from "./record-batches.ts";

const require = createRequire(import.meta.url);
const inside = (path: string): unknown => require(`kafkajs/src/protocol/${path}`);
type Encoder = { buffer: Buffer };
type Decode = (decoder: unknown) => Promise<{ records: FetchedMessage[] }>;
const Decoder = inside("decoder") as new (bytes: Buffer) => unknown;
const encodeBatch = (inside("recordBatch/v0") as { RecordBatch: (batch: object) => Promise<Encoder> }).RecordBatch;
const encodeRecord = inside("recordBatch/record/v0") as (record: object) => Encoder;

const decodeOwn = inside("recordBatch/v0/decoder") as Decode;
fetchWholeBatches();
const decodeWhole = inside("recordBatch/v0/decoder") as Decode;

interface Written {
  readonly timestampDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, string>;
}

function batchOf(records: readonly Written[], more: object = {}): Promise<Encoder> {
  return encodeBatch({
    firstOffset: 0,
    firstTimestamp: 1_763_388_300_000,
    maxTimestamp: 1_763_388_399_999,
    lastOffsetDelta: records.length - 1,
    records: records.map((record, offsetDelta) => encodeRecord({ offsetDelta, ...record })),
    ...more,
  });
}

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)));
const written = fc.record({
  timestampDelta: fc.oneof(fc.nat(100), fc.nat(2 ** 31 - 1)),
  key: bytes,
  value: bytes,
  headers: fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), { maxKeys: 2 }),
});

test("a batch is read as kafkajs reads it: offsets, times, keys and values", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(written, { minLength: 1, maxLength: 20 }),
      fc.constantFrom(0, 1),
      fc.boolean(),
      async (list, compression, appendTime) => {
        const encoded = (await batchOf(list, { compression })).buffer;
        if (appendTime) encoded.writeInt16BE(encoded.readInt16BE(21) | 0x08, 21);
        const own = (await decodeOwn(new Decoder(encoded))).records;
        const { records } = await decodeWhole(new Decoder(encoded));
        expect(records).toHaveLength(1);
        expect(records[0]!.offset).toBe(own.at(-1)!.offset);
        const ours = logRecords(records).map(({ offset, timestamp, key, value }) => [offset, timestamp, key, value]);
        expect(ours).toEqual(own.map((one) => [Number(one.offset), Number(one.timestamp), one.key, one.value]));
      },
    ),
    { numRuns: 300 },
  );
});

test("the marker of a finished transaction is left to kafkajs", async () => {
  const marker = { timestampDelta: 0, key: Buffer.from([0, 0, 0, 1]), value: Buffer.alloc(6), headers: {} };
  const encoded = (await batchOf([marker], { transactional: true })).buffer;
  encoded.writeInt16BE(encoded.readInt16BE(21) | 0x20, 21);
  const { records } = await decodeWhole(new Decoder(encoded));
  expect(records).toMatchObject([{ isControlRecord: true, key: marker.key }]);
});

test("a batch that the fetch cut off is asked for again, not taken for damage", async () => {
  const record = { timestampDelta: 0, key: null, value: Buffer.alloc(100), headers: {} };
  const encoded = (await batchOf([record, record])).buffer;
  for (const end of [30, 61, 100, encoded.length - 1])
    await expect(decodeWhole(new Decoder(encoded.subarray(0, end))), `${end} bytes`).rejects.toMatchObject({
      name: "KafkaJSPartialMessageError",
    });
});

describe("of transactions", () => {
  const batch = (offset: number, producerId: string, inTransaction = true): DecodedMessage =>
    ({
      offset: String(offset),
      key: null,
      isControlRecord: false,
      batchContext: { producerId, inTransaction },
      records: { bytes: Buffer.alloc(9), count: 1, baseOffset: offset, baseTimestamp: 0, appendTime: 0 },
    }) as unknown as DecodedMessage;
  const marker = (offset: number, producerId: string, says: "abort" | "commit"): DecodedMessage => ({
    ...batch(offset, producerId),
    key: Buffer.from([0, 0, 0, says === "abort" ? 0 : 1]),
    isControlRecord: true,
  });
  const left = (messages: DecodedMessage[], aborted: [producerId: string, firstOffset: string][]): number[] => {
    const partition = {
      highWatermark: "100",
      lastStableOffset: "90",
      abortedTransactions: aborted.map(([producerId, firstOffset]) => ({ producerId, firstOffset })),
      messages,
    };
    emptyWhatIsNoData(partition);
    expect(partition).toMatchObject({ highWatermark: "90", abortedTransactions: [] });
    expect(partition.messages.map(({ offset }) => offset)).toEqual(messages.map(({ offset }) => offset));
    expect(partition.messages.some(({ isControlRecord }) => isControlRecord)).toBe(false);
    return partition.messages.filter(({ records }) => records!.count > 0).map(({ offset }) => Number(offset));
  };

  test("what was aborted and all markers are empty, what was committed or in none is kept", () => {
    const messages = [
      batch(10, "p"),
      batch(11, "q"),
      batch(12, "-1", false),
      marker(13, "p", "abort"),
      batch(14, "p"),
      marker(15, "q", "commit"),
      marker(16, "p", "commit"),
    ];
    expect(left(messages, [["p", "10"]])).toEqual([11, 12, 14]);
  });

  test("a fetch may begin in the middle of several, and they may be told in any order", () => {
    const messages = [
      batch(20, "q"),
      batch(21, "p"),
      marker(22, "q", "abort"),
      batch(23, "p"),
      marker(24, "p", "abort"),
    ];
    const aborted: [string, string][] = [
      ["q", "12"],
      ["p", "10"],
    ];
    expect(left(messages, aborted)).toEqual([]);
    expect(left(messages, aborted.toReversed())).toEqual([]);
  });
});
