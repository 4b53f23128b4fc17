// kpi.panes as bytes: Avro single-object encoding, like the events. A flush over 500 KB is split: its rows are independent.
import { readFileSync } from "node:fs";
import avro from "avsc";
import { fingerprint } from "../../producers/contract/fingerprint.ts";
import { noCounters, VERDICTS, type Counters } from "./accounting.ts";
import type { Flush, PaneRow } from "./flush.ts";

const MAX_BYTES = 500_000;
const HEADER_BYTES = 10;
const schema = JSON.parse(readFileSync(new URL("./schemas/flush.avsc", import.meta.url), "utf8")) as avro.Schema;
const type = avro.Type.forSchema(schema);

/** 16 hex digits, in wire order. Pinned by a test. */
export const FLUSH_FINGERPRINT = fingerprint(type);
const header = Buffer.from(`c301${FLUSH_FINGERPRINT}`, "hex");

type OnTheWire = Omit<Flush, "counters"> & { counters: number[] };

/** One or more records; all carry the same position, each a part of the panes. */
export function encodeFlush(flush: Flush): Buffer[] {
  const counters = VERDICTS.map((verdict) => flush.counters[verdict]);
  return encodeParts(flush, counters, flush.panes);
}

function encodeParts(flush: Flush, counters: number[], panes: readonly PaneRow[]): Buffer[] {
  const wire: OnTheWire = { ...flush, counters, panes };
  const bytes = Buffer.concat([header, type.toBuffer(wire)]);
  if (bytes.length <= MAX_BYTES || panes.length < 2) return [bytes];
  const half = panes.length >> 1;
  return [...encodeParts(flush, counters, panes.slice(0, half)), ...encodeParts(flush, counters, panes.slice(half))];
}

/** null: not a flush of a version that we can read. */
export function decodeFlush(bytes: Buffer): Flush | null {
  if (bytes.length < HEADER_BYTES || !header.equals(bytes.subarray(0, HEADER_BYTES))) return null;
  try {
    const { value, offset }: { value: OnTheWire | undefined; offset: number } = type.decode(bytes, HEADER_BYTES);
    if (value === undefined || offset < 0 || offset > bytes.length) return null;
    const counters: Counters = noCounters();
    VERDICTS.forEach((verdict, index) => (counters[verdict] = value.counters[index] ?? 0));
    return { ...value, counters };
  } catch {
    return null;
  }
}
