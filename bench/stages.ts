// Each stage of the worker alone, in one process, on the same records: where the time of an event goes.
import { EventDecoder } from "../producers/contract/codec.ts";
import { encodeFlush } from "../stream/contract/flush-codec.ts";
import { beginFlush, beginPublish, flushStored } from "../stream/core/flush-work.ts";
import { LogRecord } from "../stream/core/log-record.ts";
import { atStart, PartitionFold, type Standing } from "../stream/core/partition-fold.ts";
import { Reader } from "../stream/core/read.ts";
import { RawWriter } from "../stream/io/raw-rows.ts";
import { encodeRows } from "../stream/io/storage.ts";
import { workload, type Workload } from "./workload.ts";

const CURRENCIES = new Map([["shop", "GBP"]]);
/** As a worker does it while it catches up. */
const RECORDS_A_FLUSH = 500_000;
const RECORDS_A_PUBLISH = 100_000;

export interface Stage {
  readonly name: string;
  /** µs of CPU time for one event. */
  readonly cost: number;
}

export interface Stages {
  readonly stages: readonly Stage[];
  readonly bytesPerEvent: number;
  readonly sessions: number;
  /** Of heap and slabs, for one live session; panes and all else counted in. */
  readonly bytesPerSession: number;
  readonly rowsPerEvent: number;
}

const DECODE = "decode every field (avsc), for comparison";
const READ = "decode and screen";
/** Stages that are done again as a part of folding: they do not add to its cost. */
export const PARTS_OF_FOLD: ReadonlySet<string> = new Set([DECODE, READ]);

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Memory of the heap and of buffers, after a collection; run with --expose-gc. */
function memory(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

export function measureStages(load: Workload): Stages {
  const records: LogRecord[] = [];
  let bytes = 0;
  for (const { value, timestamp } of workload(load)) {
    records.push(LogRecord.of(records.length, timestamp, null, value));
    bytes += value.length;
  }
  const decoder = new EventDecoder();
  const stages: Stage[] = [];
  const time = (name: string, work: () => void): void => {
    const before = cpu();
    work();
    stages.push({ name, cost: (cpu() - before) / records.length });
  };
  time(DECODE, () => {
    for (const { value } of records) decoder.decode(value);
  });
  const reader = new Reader(decoder, CURRENCIES);
  const read = reader.read(records[0]!);
  time(READ, () => {
    for (const record of records) reader.readInto(read, record);
  });
  const before = memory();
  const origin = { source: "bench", partition: 0, generation: 0 };
  const fold = new PartitionFold({ decoder, currencies: CURRENCIES }, atStart(0), new RawWriter(origin, "dead"));
  let folding = 0;
  let encoding = 0;
  let publishing = 0;
  let rows = 0;
  let last = cpu();
  const lap = (): number => {
    const now = cpu();
    const took = now - last;
    last = now;
    return took;
  };
  for (const [i, record] of records.entries()) {
    fold.foldRecord(record);
    const done = i + 1;
    if (done % RECORDS_A_PUBLISH !== 0 && done !== records.length) continue;
    folding += lap();
    publish(fold, done);
    publishing += lap();
    if (done % RECORDS_A_FLUSH !== 0 && done !== records.length) continue;
    const work = beginFlush(fold)!;
    rows += encodeRows([{ origin, work }]).rows;
    flushStored(work);
    encoding += lap();
  }
  stages.push({ name: "decode, clean, de-duplicate and fold", cost: folding / records.length });
  stages.push({ name: "encode rows: panes, sessions, orders", cost: encoding / records.length });
  stages.push({ name: "encode kpi.panes", cost: publishing / records.length });
  const sessions = fold.memory.sessions.size;
  return {
    stages,
    bytesPerEvent: bytes / records.length,
    sessions,
    bytesPerSession: (memory() - before) / sessions,
    rowsPerEvent: rows / records.length,
  };
}

function publish(fold: PartitionFold, logEnd: number): void {
  const { position, appendedAt, watermark, counters, late }: Standing = fold.standing;
  encodeFlush({
    source: "bench",
    partition: 0,
    generation: 0,
    worker: "bench",
    publishedAt: 0,
    position,
    logEnd,
    lastAppendTime: appendedAt,
    watermark,
    storageUp: true,
    storedPosition: 0,
    consumed: position,
    parked: 0,
    counters,
    late,
    visitors: [],
    lastOrders: fold.lastOrders,
    panes: beginPublish(fold).rows,
  });
}
