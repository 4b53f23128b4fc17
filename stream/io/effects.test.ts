import { pino } from "pino";
import { expect, test } from "vitest";
import { EventDecoder, encodeEvent } from "../../producers/contract/codec.ts";
import { view } from "../../tests/guide/shop.ts";
import { MemoryRaw } from "../../tests/support/memory-storage.ts";
import type { FlushWork } from "../core/flush-work.ts";
import { LogRecord } from "../core/log-record.ts";
import { atStart, PartitionFold } from "../core/partition-fold.ts";
import { Effects } from "./effects.ts";
import type { OwnedPartition } from "./owned-partition.ts";
import type { Publisher } from "./panes-topic.ts";
import { Serial } from "./serial.ts";
import type { Storage } from "./storage.ts";

const NOON = Date.UTC(2026, 4, 4, 12);
const HOUR = 3600_000;

/** What Effects uses of a partition that a worker owns. */
interface Owned extends Pick<OwnedPartition, "partition" | "fold" | "turns" | "unpark" | "rowsStored"> {
  lastPublished: number;
}

function owned(partition: number, unpark: () => Promise<void> = async () => undefined): Owned {
  const settings = { decoder: new EventDecoder(), currencies: new Map([["shop", "GBP"]]) };
  const fold = new PartitionFold(settings, atStart(0), new MemoryRaw());
  return { partition, fold, turns: new Serial(), unpark, rowsStored: null, lastPublished: 0 };
}

/** A view of a session of its own, which is as old as it is. */
function record({ fold }: Owned, at: number): LogRecord {
  const event = view({ event_id: `e${fold.position}`, occurred_at: at, session_id: `s${at}`, session_started_at: at });
  return LogRecord.of(fold.position, NOON, null, encodeEvent(event));
}

/** Parks what lies hours back, as a worker does while storage is away. */
function see(to: Owned, at: number): void {
  const next = record(to, at);
  if (to.fold.foldRecord(next) !== null) to.fold.park(to.fold.read(next));
}

test("a partition that parks a record while another is unparked stores nothing that lies beyond it", async () => {
  const first = owned(0);
  const second = owned(1, async () => {
    await new Promise(setImmediate); // storage is asked; meanwhile the first partition goes on
    see(first, NOON - 6 * HOUR);
    see(first, NOON + 1);
    const { fold } = second;
    for (let needs = fold.unpark(); needs !== null; needs = fold.unpark())
      fold.supply(needs, { sessions: [], panes: [] });
  });
  see(first, NOON);
  see(second, NOON);
  see(second, NOON - 6 * HOUR);
  const stored: { partition: number; upto: number[] }[] = [];
  const storage: Pick<Storage, "encode" | "probe" | "store" | "storePositions" | "up"> = {
    up: true,
    probe: () => Promise.resolve(),
    encode(works: readonly { partition: number; work: FlushWork }[]) {
      stored.push(...works.map(({ partition, work }) => ({ partition, upto: work.panes.map((pane) => pane.upto) })));
      return { inserts: [], rows: 0 };
    },
    store: () => Promise.resolve(),
    storePositions: () => Promise.reject(new Error("not asked about here")),
  };
  const effects = new Effects(
    { name: "w", source: "s", currencies: new Map() },
    {
      storage: storage as Storage,
      publisher: { publish: () => Promise.resolve(0) } as unknown as Publisher,
      log: pino({ enabled: false }),
    },
    {
      owned: () => [first, second] as unknown as OwnedPartition[],
      holds: () => true,
      partitions: () => 2,
      commit: () => Promise.resolve(),
    },
  );
  await effects.flush();
  expect(first.fold.firstParked).toBe(1);
  const offsets = stored.find(({ partition }) => partition === 0)?.upto ?? [];
  expect(offsets.filter((upto) => upto >= 1)).toEqual([]);
  expect(stored.some(({ partition }) => partition === 1)).toBe(true);
});

test("a position says up to where kpi.panes had been told when its flush began, not what was told meanwhile", async () => {
  const only = owned(0);
  see(only, NOON);
  let told = 100;
  const offsets: number[] = [];
  const storage: Pick<Storage, "encode" | "probe" | "store" | "storePositions" | "up"> = {
    up: true,
    probe: () => Promise.resolve(),
    encode: () => ({ inserts: [], rows: 0 }),
    async store() {
      see(only, NOON + 1); // the next flush's; told before this one's position is stored
      await effects.publish([only as unknown as OwnedPartition]);
    },
    storePositions(positions) {
      offsets.push(...positions.map(({ panesOffset }) => panesOffset));
      return Promise.resolve();
    },
  };
  const effects = new Effects(
    { name: "w", source: "s", currencies: new Map() },
    {
      storage: storage as Storage,
      publisher: { publish: () => Promise.resolve(++told) } as unknown as Publisher,
      log: pino({ enabled: false }),
    },
    {
      owned: () => [only as unknown as OwnedPartition],
      holds: () => true,
      partitions: () => 1,
      commit: () => Promise.resolve(),
    },
  );
  await effects.publish([only as unknown as OwnedPartition], true);
  await effects.flush();
  expect(offsets).toEqual([101]);
});
