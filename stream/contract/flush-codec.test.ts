import { expect, test } from "vitest";
import { noCounters } from "./accounting.ts";
import type { Flush, PaneRow } from "./flush.ts";
import { decodeFlush, encodeFlush, FLUSH_FINGERPRINT } from "./flush-codec.ts";
import { MEASURES } from "./measures.ts";

const pane = (start: number): PaneRow => ({
  store: "shop",
  width: 60,
  dimension: "channel_country",
  value: "email|GB",
  start,
  upto: 2 ** 40,
  measures: MEASURES.map((_, index) => index * 1e10),
  sketchIndex: [-3, 0, 700],
  sketchCount: [1, 2, 3],
});
const flush = (panes: PaneRow[]): Flush => ({
  source: "shop.events#1",
  partition: 3,
  generation: 0,
  worker: "w",
  publishedAt: 1_795_000_000_000,
  position: 12,
  logEnd: 15,
  lastAppendTime: null,
  watermark: 1_795_000_000_000,
  storageUp: true,
  storedPosition: 10,
  consumed: 11,
  parked: 2,
  counters: { ...noCounters(), counted: 7, "filtered-fx": 2 },
  late: 1,
  visitors: [{ store: "shop", sessions: 4 }],
  lastOrders: [{ store: "shop", occurredAt: 1, value: 845_000 }],
  panes,
});

test("the wire schema is pinned: a change of it is a decision, not an accident", () => {
  expect(FLUSH_FINGERPRINT).toMatchInlineSnapshot(`"4fbe5b95713809eb"`);
});

test("a flush comes back as it was sent", () => {
  const sent = flush([pane(60), pane(120)]);
  expect(encodeFlush(sent).map(decodeFlush)).toEqual([sent]);
});

test("a large flush is split under 500 KB, and no pane is lost or changed", () => {
  const sent = flush(Array.from({ length: 9000 }, (_, index) => pane(index * 60)));
  const parts = encodeFlush(sent);
  expect(parts.length).toBeGreaterThan(1);
  for (const part of parts) expect(part.length).toBeLessThanOrEqual(500_000);
  const got = parts.map((part) => decodeFlush(part)!);
  expect(got.flatMap(({ panes }) => panes)).toEqual(sent.panes);
  for (const { position } of got) expect(position).toBe(12);
});

test("what is not a flush is null, never an exception", () => {
  const [bytes] = encodeFlush(flush([pane(60)]));
  expect(decodeFlush(Buffer.from("rubbish"))).toBeNull();
  for (let length = 0; length < bytes!.length; length++) expect(decodeFlush(bytes!.subarray(0, length))).toBeNull();
});
