import { expect, test } from "vitest";
import { accounted, noCounters } from "../../stream/contract/accounting.ts";
import type { Partition } from "./heartbeats.ts";
import { partitionStatus, type StoredPosition } from "./status.ts";

const NOW = Date.parse("2026-11-17T14:05:00Z");
const SECOND = 1000;

const stored: StoredPosition = {
  source: "live",
  partition: 2,
  generation: 0,
  partitions: 8,
  firstOffset: 1000,
  gaps: 3,
  position: 1500,
  watermark: NOW - 60 * SECOND,
  panesOffset: 9,
  storedAt: NOW - 50 * SECOND,
  counters: { ...noCounters(), counted: 490, duplicate: 7 },
  late: 1,
};
const speaking: Partition = {
  source: "live",
  partition: 2,
  beat: {
    source: "live",
    partition: 2,
    generation: 0,
    worker: "w1",
    publishedAt: NOW - SECOND,
    position: 1600,
    logEnd: 1640,
    lastAppendTime: NOW - 7 * SECOND,
    watermark: NOW - 17 * SECOND,
    storageUp: true,
    storedPosition: 1500,
    consumed: 600,
    parked: 3,
    counters: { ...noCounters(), counted: 580, duplicate: 7, "dead-letter": 10 },
    late: 1,
    visitors: [],
    lastOrders: [],
    panes: [],
  },
};

test("what a partition consumed is what its worker says, with what is parked", () => {
  const status = partitionStatus(speaking, stored, "live", NOW)!;
  expect(status).toMatchObject({ worker: "w1", consumed: 600, parked: 3, lag: 40, lagSeconds: 7, state: "behind" });
  expect(accounted(status.counters) + status.parked).toBe(status.consumed);
});

test("a partition that storage knows and no worker speaks for shows what is stored, as stale", () => {
  const status = partitionStatus({ ...speaking, beat: null }, stored, "live", NOW)!;
  expect(status).toMatchObject({ state: "stale", position: 1500, heardAt: stored.storedAt, consumed: 497 });
  expect(accounted(status.counters)).toBe(status.consumed);
});

test("a partition that nobody knows anything of has no row", () => {
  expect(partitionStatus({ ...speaking, beat: null }, null, "live", NOW)).toBeNull();
});

test("a replay that ended is no fault; the live source that falls silent is", () => {
  const later = NOW + 11 * 60 * SECOND;
  expect(partitionStatus(speaking, stored, "another", later)!.state).toBe("idle");
  expect(partitionStatus(speaking, stored, "live", later)!.state).toBe("stale");
});
