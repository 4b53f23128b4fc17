// Kafka's record batches as they are fetched, read by us. kafkajs makes an object with two BigInts, two decimal strings and
// three buffers for every record before it hands over a batch, which costs more than folding the record. So in a worker each
// fetched record batch is one message to kafkajs, which carries the batch's bytes, and its records are walked here: a
// record costs two varints and no copy.
//
// What is nothing to fold (markers of transactions, batches of aborted ones) is handed over as a batch without records: kafkajs
// would leave it out, and nobody could tell an offset that holds nothing from one that was missed.
//
//   fetched   │ data 0–9 │ data 10–19, aborted │ marker 20 │ data 21–30 │
//   kafkajs   │ message 9│                     │           │ message 30 │
//   ours      │ message 9│ message 19, empty   │ 20, empty │ message 30 │
//
// Groups, fetching, offsets and compression stay kafkajs' own. Its version is pinned; record-batches.test.ts holds both readings
// together. Source of the layout: Apache Kafka protocol guide, "Record Batch"; of what is aborted: KIP-98.
import { createRequire } from "node:module";
import type { KafkaMessage } from "kafkajs";
import { LogRecord } from "../core/log-record.ts";

/** What kafkajs hands over: a whole record batch, or a single record of the format before Kafka 0.11. */
export type FetchedMessage = KafkaMessage & { readonly records?: FetchedRecords };

export interface FetchedRecords {
  /** The records, decompressed. */
  readonly bytes: Buffer;
  readonly count: number;
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  /** LogAppendTime of the whole batch, ms; null: each record has its own time. */
  readonly appendTime: number | null;
}

interface KafkaJsDecoder {
  readonly buffer: Buffer;
  readonly offset: number;
  readInt64(): bigint;
  readInt32(): number;
  readInt16(): number;
  readInt8(): number;
  readAll(): Buffer;
  slice(bytes: number): KafkaJsDecoder;
  forward(bytes: number): void;
}

type DecodeBatch = (decoder: KafkaJsDecoder) => Promise<{ records: readonly unknown[] }>;

const APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
/** Bytes before the attributes: offset, length, leader epoch, magic, CRC. */
const ATTRIBUTES_AT = 8 + 4 + 4 + 1 + 4;

const require = createRequire(import.meta.url);
const inside = (path: string): string => require.resolve(`kafkajs/src/protocol/${path}`);

/** Makes every consumer of this process fetch record batches whole. Called before the first one fetches. */
export function fetchWholeBatches(): void {
  decodeWholeBatches();
  tellOfEmptyBatches();
}

function decodeWholeBatches(): void {
  const path = inside("recordBatch/v0/decoder");
  const original = require(path) as DecodeBatch & { wholeBatches?: true };
  if (original.wholeBatches) return;
  const { lookupCodecByAttributes } = require(inside("message/compression")) as {
    lookupCodecByAttributes: (attributes: number) => { decompress(bytes: Buffer): Promise<Buffer> } | null;
  };
  const { KafkaJSPartialMessageError } = require(require.resolve("kafkajs/src/errors")) as {
    KafkaJSPartialMessageError: new (message: string) => Error;
  };

  const decode: DecodeBatch & { wholeBatches?: true } = async (fetched) => {
    const at = fetched.offset;
    if (fetched.buffer.length < at + ATTRIBUTES_AT + 2 || isControl(fetched.buffer.readInt16BE(at + ATTRIBUTES_AT)))
      return original(fetched);
    const baseOffset = Number(fetched.readInt64());
    const length = fetched.readInt32();
    const batch = fetched.slice(length);
    fetched.forward(length);
    if (batch.buffer.length < length)
      throw new KafkaJSPartialMessageError(`a record batch of ${length} bytes ends after ${batch.buffer.length}`);
    batch.forward(4 + 1 + 4); // leader epoch, magic, CRC
    const attributes = batch.readInt16();
    const lastOffsetDelta = batch.readInt32();
    const baseTimestamp = Number(batch.readInt64());
    const maxTimestamp = Number(batch.readInt64());
    const producerId = batch.readInt64().toString();
    batch.forward(2 + 4); // producer epoch, first sequence
    const count = batch.readInt32();
    const rest = batch.readAll();
    const codec = lookupCodecByAttributes(attributes);
    const records: FetchedRecords = {
      bytes: codec && count > 0 ? await codec.decompress(rest) : rest,
      count,
      baseOffset,
      baseTimestamp,
      appendTime: (attributes & APPEND_TIME) === 0 ? null : maxTimestamp,
    };
    const message = {
      offset: String(baseOffset + lastOffsetDelta),
      timestamp: String(maxTimestamp),
      key: null,
      value: null,
      headers: {},
      isControlRecord: false,
      batchContext: { producerId, inTransaction: (attributes & TRANSACTIONAL) !== 0 },
      records,
    };
    return { records: [message] };
  };
  decode.wholeBatches = true;
  require.cache[path]!.exports = decode;
}

const isControl = (attributes: number): boolean => (attributes & CONTROL) !== 0;

/** A message as kafkajs decodes it. */
export type DecodedMessage = FetchedMessage & {
  readonly isControlRecord?: boolean;
  readonly batchContext?: { readonly producerId: string; readonly inTransaction: boolean };
};

/** What a fetch answers of one partition. */
export interface FetchedPartition {
  highWatermark: string;
  /** Up to here every transaction has ended; −1: not told. */
  lastStableOffset?: string;
  abortedTransactions?: readonly { readonly producerId: string; readonly firstOffset: string }[] | null;
  messages: readonly DecodedMessage[];
}

interface Broker {
  fetch: (
    this: Broker,
    ...request: unknown[]
  ) => Promise<{ responses: readonly { partitions: readonly FetchedPartition[] }[] }>;
}

function tellOfEmptyBatches(): void {
  const { prototype } = require(require.resolve("kafkajs/src/broker")) as { prototype: Broker & { tells?: true } };
  if (prototype.tells) return;
  const { fetch } = prototype;
  prototype.fetch = async function fetchAndTell(...request) {
    const answer = await fetch.apply(this, request);
    for (const { partitions } of answer.responses) for (const partition of partitions) emptyWhatIsNoData(partition);
    return answer;
  };
  prototype.tells = true;
}

/** The producer's transaction ended here: key of a marker is its version and what it says, 0 for an abort. */
const ABORT = Buffer.from([0, 0, 0, 0]);

/**
 * Leaves nothing for kafkajs to filter. A batch belongs to an aborted transaction where one of its producer has begun at or before
 * it, and that producer's abort marker comes after it.
 */
export function emptyWhatIsNoData(partition: FetchedPartition): void {
  const { abortedTransactions, lastStableOffset = "-1" } = partition;
  const begun = [...(abortedTransactions ?? [])]
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset: Number(firstOffset) }))
    .sort((a, b) => a.firstOffset - b.firstOffset);
  const aborting = new Set<string>();
  partition.messages = partition.messages.map((message) => {
    const { producerId = "", inTransaction = false } = message.batchContext ?? {};
    while (begun.length > 0 && begun[0]!.firstOffset <= Number(message.offset)) aborting.add(begun.shift()!.producerId);
    if (message.isControlRecord) {
      if (message.key?.equals(ABORT)) aborting.delete(producerId);
      return emptied(message);
    }
    return inTransaction && aborting.has(producerId) ? emptied(message) : message;
  });
  partition.abortedTransactions = [];
  if (lastStableOffset !== "-1") partition.highWatermark = lastStableOffset; // nobody gets what lies beyond it
}

const NO_RECORDS = { bytes: Buffer.alloc(0), count: 0, baseOffset: 0, baseTimestamp: 0, appendTime: null };

const emptied = (message: DecodedMessage): DecodedMessage => ({
  ...message,
  isControlRecord: false,
  key: null,
  records: NO_RECORDS,
});

/** The records of fetched messages, in offset order; the first may lie before the offset that was asked for. */
export function logRecords(messages: readonly FetchedMessage[]): LogRecord[] {
  const records: LogRecord[] = [];
  for (const { offset, timestamp, key, value, records: batch } of messages)
    if (batch) readRecords(batch, records);
    else records.push(LogRecord.of(Number(offset), Number(timestamp), key, value));
  return records;
}

let at = 0;

function readRecords({ bytes, count, baseOffset, baseTimestamp, appendTime }: FetchedRecords, into: LogRecord[]): void {
  let next = 0;
  for (let i = 0; i < count; i++) {
    at = next;
    const length = varint(bytes);
    next = at + length;
    at++; // attributes: unused
    const timestamp = baseTimestamp + varint(bytes);
    const offset = baseOffset + varint(bytes);
    const keyLength = varint(bytes);
    const keyAt = keyLength < 0 ? -1 : at;
    at += Math.max(0, keyLength);
    const keyEnd = at;
    const valueLength = varint(bytes);
    const valueAt = valueLength < 0 ? -1 : at;
    const valueEnd = at + Math.max(0, valueLength);
    into.push(new LogRecord(offset, appendTime ?? timestamp, bytes, keyAt, keyEnd, valueAt, valueEnd));
  }
}

/** A zigzag varint of up to 53 bits. */
function varint(bytes: Buffer): number {
  let byte = bytes[at++]!;
  if (byte < 0x80) return (byte >> 1) ^ -(byte & 1);
  let sum = byte & 0x7f;
  let weight = 128;
  do {
    byte = bytes[at++]!;
    sum += (byte & 0x7f) * weight;
    weight *= 128;
  } while (byte >= 0x80);
  return sum % 2 === 0 ? sum / 2 : -(sum + 1) / 2;
}
