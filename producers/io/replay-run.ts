// A replay under way: rows → events → Kafka, from where the last run was acknowledged, to the end of the file.
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { finished } from "node:stream/promises";
import type { ShopEvent } from "../contract/events.ts";
import type { Accounting } from "../core/replay/accounting.ts";
import { ExportEvents } from "../core/replay/export-events.ts";
import type { Naming } from "../core/replay/line-events.ts";
import { missingColumns, type Mapping } from "../core/replay/mapping.ts";
import { openCsv } from "./csv-rows.ts";
import type { EventSink } from "./event-sink.ts";

export interface ReplayRunOptions {
  readonly file: string;
  readonly mapping: Mapping;
  readonly naming: Omit<Naming, "currency">;
  /** So many events at the start are acknowledged already. */
  readonly acknowledged: number;
  /** Where rejected lines go, with their numbers. */
  readonly rejectsFile: string;
  readonly sink: EventSink;
  readonly stopping: AbortSignal;
  /** The first `events` events are acknowledged. */
  onAcknowledged(events: number): Promise<void>;
  onRead(bytes: number, ofBytes: number): void;
}

export interface ReplayResult {
  readonly accounting: Accounting;
  /** All events of the rows read, those of earlier runs included. */
  readonly events: number;
  /** False if it was stopped before the end. */
  readonly complete: boolean;
}

const ACKNOWLEDGE_MS = 1000;
/** Rows between looks at the clock. */
const ROWS_PER_LOOK = 1000;

export async function runReplay(options: ReplayRunOptions): Promise<ReplayResult> {
  const { mapping, sink, stopping } = options;
  const file = await openCsv(options.file, mapping);
  const missing = missingColumns(mapping, file.header);
  if (missing.length > 0)
    throw new Error(`${options.file} has no column ${missing.join(", ")}. It has: ${file.header.join(", ")}.`);

  const source = new ExportEvents(mapping, options.naming);
  const rejects = await rejectsTo(options.rejectsFile);
  let events = 0;
  let acknowledgedAt = performance.now();
  const write = async (made: readonly ShopEvent[]): Promise<void> => {
    for (const event of made) if (++events > options.acknowledged) await sink.write({ event, at: null });
  };
  const acknowledge = async (): Promise<void> => {
    await sink.flush();
    if (events > options.acknowledged) await options.onAcknowledged(events);
    acknowledgedAt = performance.now();
  };

  try {
    for await (const { line, row } of file.rows) {
      const step = source.row(row);
      if (step.rejection !== null) await rejects.add(line, step.rejection);
      if (step.events.length > 0) await write(step.events);
      if (source.accounting.lines % ROWS_PER_LOOK !== 0) continue;
      options.onRead(file.bytesRead(), file.bytes);
      if (performance.now() - acknowledgedAt >= ACKNOWLEDGE_MS) await acknowledge();
      if (stopping.aborted) break;
    }
    if (!stopping.aborted) await write(source.end());
    await acknowledge();
    options.onRead(file.bytesRead(), file.bytes);
  } finally {
    await rejects.close();
  }
  return { accounting: source.accounting, events, complete: !stopping.aborted };
}

interface Rejects {
  add(line: number, reason: string): Promise<void>;
  close(): Promise<void>;
}

/** Every run writes it anew from the first line on, as it reads from there. */
async function rejectsTo(path: string): Promise<Rejects> {
  await mkdir(dirname(path), { recursive: true });
  const stream = createWriteStream(path);
  const done = finished(stream);
  done.catch(() => undefined); // told to whoever closes
  stream.write("line,reason\n");
  return {
    async add(line, reason) {
      if (!stream.write(`${line},${reason}\n`)) await Promise.race([once(stream, "drain"), done]);
    },
    async close() {
      stream.end();
      await done;
    },
  };
}
