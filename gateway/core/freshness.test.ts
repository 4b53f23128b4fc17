import { describe, expect, test } from "vitest";
import { noCounters } from "../../stream/contract/accounting.ts";
import type { Flush } from "../../stream/contract/flush.ts";
import { asOf, freshness, partitionState } from "./freshness.ts";
import { Heartbeats, type Partition } from "./heartbeats.ts";

const NOW = Date.parse("2026-11-17T14:05:00Z");
const SECOND = 1000;
const HOUR = 3600 * SECOND;

const flush = (over: Partial<Flush>): Flush => ({
  source: "live",
  partition: 0,
  generation: 0,
  worker: "w",
  publishedAt: NOW,
  position: 100,
  logEnd: 100,
  lastAppendTime: NOW - 20 * SECOND,
  watermark: NOW - 30 * SECOND,
  storageUp: true,
  storedPosition: 100,
  consumed: 0,
  parked: 0,
  counters: noCounters(),
  late: 0,
  visitors: [],
  lastOrders: [],
  panes: [],
  ...over,
});
const heard = (over: Partial<Flush> = {}): Partition => ({
  source: "live",
  partition: over.partition ?? 0,
  beat: { ...flush(over), panes: [] },
});
const unheard: Partition = { source: "live", partition: 7, beat: null };

/** now ├──────┤ ages in seconds */
const idle = heard();
const flowing = heard({ position: 99, lastAppendTime: NOW - 2 * SECOND, watermark: NOW - 12 * SECOND });
const behind = heard({ position: 50, lastAppendTime: NOW - 9 * SECOND, watermark: NOW - 19 * SECOND });
const unfolded = heard({ position: 0, lastAppendTime: null, watermark: null });
const silentIdle = heard({ publishedAt: NOW - 6 * SECOND });
const silentBehind = heard({
  publishedAt: NOW - 60 * SECOND,
  position: 50,
  lastAppendTime: NOW - 70 * SECOND,
  watermark: NOW - 80 * SECOND,
});
const justHeard = heard({ publishedAt: NOW - 5 * SECOND });

describe("a partition's state", () => {
  test.each([
    ["idle", idle, "idle"],
    ["a record of 2 s ago is the last folded", flowing, "live"],
    ["the last folded record is 9 s old while others wait", behind, "behind"],
    ["nothing was folded yet though records wait", unfolded, "behind"],
    ["heard exactly 5 s ago", justHeard, "idle"],
    ["not heard for 6 s", silentIdle, "stale"],
    ["never heard", unheard, "stale"],
  ] as const)("%s", (_, partition, state) => {
    expect(partitionState(partition, NOW)).toBe(state);
  });
});

describe("a wall's freshness", () => {
  test.each([
    // partitions, state, freshAt, watermark (both as s before now), heard
    ["a quiet night is live, not stale", [idle, idle], "live", 0, 10, 2],
    ["records flow", [idle, flowing], "live", 2, 12, 2],
    ["one partition lags", [flowing, behind], "behind", 9, 19, 2],
    ["one has folded nothing", [idle, unfolded], "behind", null, null, 2],
    ["one fell silent", [idle, silentIdle], "stale", 6, 16, 1],
    ["silence outweighs lag", [behind, silentIdle], "stale", 9, 19, 1],
    ["one fell silent while behind", [idle, silentBehind], "stale", 70, 80, 1],
    ["one was never heard", [idle, unheard], "stale", null, 10, 1],
  ] as const)("%s", (_, partitions, state, freshAt, watermark, partitionsHeard) => {
    const ago = (s: number | null): number | null => (s === null ? null : NOW - s * SECOND);
    expect(freshness(partitions, NOW - HOUR, 5, NOW)).toEqual({
      state,
      freshAt: ago(freshAt),
      watermark: ago(watermark),
      partitionsHeard,
      partitions: 2,
      silentFor: 5,
    });
  });

  test("it is starting while nothing was heard, but not for ever where partitions are known", () => {
    expect(freshness([], NOW - HOUR, null, NOW).state).toBe("starting");
    expect(freshness([unheard], NOW - 5 * SECOND, null, NOW).state).toBe("starting");
    expect(freshness([unheard], NOW - 6 * SECOND, null, NOW).state).toBe("stale");
  });
});

describe("the event time at which windows end", () => {
  test.each([
    ["the server's clock while all are caught up or nearly so", [idle, flowing], NOW],
    ["the watermark and the lateness where one is behind", [idle, behind], NOW - 9 * SECOND],
    ["the last word of one that fell silent caught up", [idle, silentIdle], NOW - 6 * SECOND],
    ["the watermark and the lateness of one that fell silent behind", [idle, silentBehind], NOW - 70 * SECOND],
    ["the server's clock where nothing is known", [unheard], NOW],
    ["never further back than a day and a bit", [heard({ publishedAt: NOW - 100 * HOUR })], NOW - 26 * HOUR],
  ] as const)("%s", (_, partitions, expected) => {
    expect(asOf(partitions, NOW)).toBe(expected);
  });
});

const feedsAll = (): boolean => true;
const sourcesOf = (beats: Heartbeats, feeds: (source: string) => boolean, now: number): string[] =>
  beats.counting(feeds, now).map(({ source, partition }) => `${source}/${partition}`);

describe("which partitions count", () => {
  test("a replay leaves when it is finished and silent, or silent for 10 minutes; a dead worker of the live source never", () => {
    const beats = new Heartbeats("live");
    beats.hear(flush({ source: "live", publishedAt: NOW }));
    beats.hear(flush({ source: "finished", publishedAt: NOW, position: 9, storedPosition: 9, logEnd: 9 }));
    beats.hear(flush({ source: "stuck", publishedAt: NOW, position: 8, storedPosition: 8, logEnd: 9 }));
    expect(sourcesOf(beats, feedsAll, NOW + 5 * SECOND)).toEqual(["finished/0", "live/0", "stuck/0"]);
    expect(sourcesOf(beats, feedsAll, NOW + 6 * SECOND)).toEqual(["live/0", "stuck/0"]);
    expect(sourcesOf(beats, feedsAll, NOW + 601 * SECOND)).toEqual(["live/0"]);
    expect(sourcesOf(beats, feedsAll, NOW + 1000 * HOUR)).toEqual(["live/0"]);
  });

  test("a replay of another store does not make this store stale", () => {
    const beats = new Heartbeats("live");
    beats.hear(flush({ source: "live" }));
    beats.hear(flush({ source: "replay" }));
    expect(sourcesOf(beats, (source) => source === "live", NOW)).toEqual(["live/0"]);
  });

  test("partitions that storage knows count before they are heard; an older word never replaces a newer", () => {
    const beats = new Heartbeats("live");
    beats.expect("live", 1);
    beats.hear(flush({ partition: 0, publishedAt: NOW, position: 7 }));
    beats.hear(flush({ partition: 0, publishedAt: NOW - 1, position: 6 }));
    beats.expect("live", 0);
    expect(sourcesOf(beats, feedsAll, NOW)).toEqual(["live/0", "live/1"]);
    expect(beats.all[0]!.beat?.position).toBe(7);
  });
});
