// What an event does to a session that it does not belong to, and to sums that become too large.
import { expect, test } from "vitest";
import { EventDecoder } from "../../producers/contract/codec.ts";
import type { ShopEvent } from "../../producers/contract/events.ts";
import { GREATEST_AMOUNT } from "../../producers/contract/usable.ts";
import { logOf, order, START, view } from "../../tests/guide/shop.ts";
import { MemoryRaw, MemoryStorage } from "../../tests/support/memory-storage.ts";
import { oracle } from "../../tests/support/oracle.ts";
import { decodeFlush, encodeFlush } from "../contract/flush-codec.ts";
import { M } from "../contract/measures.ts";
import { beginFlush, beginPublish, GREATEST_SUM } from "./flush-work.ts";
import { noNeeds } from "./memory.ts";
import { atStart, PartitionFold } from "./partition-fold.ts";
import { MOST_EVENTS } from "./session.ts";

const CURRENCIES = new Map([
  ["shop", "GBP"],
  ["laden", "EUR"],
]);
const decoder = new EventDecoder();
const newFold = (standing = atStart(0)): PartitionFold =>
  new PartitionFold({ decoder, currencies: CURRENCIES }, standing, new MemoryRaw());

test("an event of another store than its session's is a dead letter: its money would be of another currency", () => {
  const fold = newFold();
  const log = logOf(view(), order("A-1", { store: "laden" }), order("A-2"));
  for (const record of log) fold.fold(fold.read(record));
  expect(fold.takeOutcomes().letters.map(({ fault }) => fault)).toEqual([
    { reason: "store-differs", detail: 'store "laden" in a session of "shop"' },
  ]);
  expect(fold.standing.counters).toEqual(oracle(log, CURRENCIES).counters);
});

test("a session has an end: what comes later is a dead letter, also where a row from the future has it already", () => {
  const log = logOf(...Array.from({ length: MOST_EVENTS + 5 }, () => view()));
  const { counters } = oracle(log, CURRENCIES);
  expect(counters).toMatchObject({ counted: MOST_EVENTS, "dead-letter": 5 });
  const fold = newFold();
  const storage = new MemoryStorage(() => 0);
  for (const record of log.slice(0, MOST_EVENTS - 5)) fold.fold(fold.read(record));
  const { standing } = beginFlush(fold)!;
  for (const record of log.slice(MOST_EVENTS - 5)) fold.fold(fold.read(record));
  expect(fold.standing.counters).toEqual(counters);
  const ahead = beginFlush(fold)!;
  storage.insert([...storage.sessionRows(ahead), ...storage.paneRows(ahead)]); // rows, but not the position

  const next = newFold(standing);
  next.supply(noNeeds(), storage.loadLive(standing.watermark));
  for (const record of log.slice(standing.position)) next.fold(next.read(record));
  expect(next.standing.counters).toEqual(counters);
});

test("a sum beyond what is exact is told and stored capped, and stops nobody", () => {
  const fold = newFold();
  const line = { sku: "k", name: "n", category: null, quantity: 1, unit_price: GREATEST_AMOUNT };
  const orders = Array.from({ length: 100 }, (_, i) => order(`A-${i}`, { lines: [line] }));
  for (const record of logOf(...orders)) fold.fold(fold.read(record));
  const { position, appendedAt, watermark, counters, late } = fold.standing;
  const origin = { source: "s", partition: 0, generation: 0, worker: "w", publishedAt: 0 };
  const rest = {
    logEnd: position,
    storageUp: true,
    storedPosition: 0,
    consumed: 0,
    parked: 0,
    visitors: [],
    lastOrders: [],
  };
  const told = { position, lastAppendTime: appendedAt, watermark, counters, late };
  const [bytes] = encodeFlush({ ...origin, ...rest, ...told, panes: beginPublish(fold).rows });
  const pane = decodeFlush(bytes!)!.panes.find(({ width, dimension }) => width === 60 && dimension === "total");
  expect(pane!.measures[M.gross]).toBe(GREATEST_SUM);
  expect(pane!.measures[M.orders]).toBe(100);
});

test("an amount too large to be summed in the store's currency has no rate", () => {
  const fold = newFold();
  const line = { sku: "k", name: "n", category: null, quantity: 1, unit_price: GREATEST_AMOUNT };
  const day = new Date(START - 86_400_000).toISOString().slice(0, 10);
  const fixing = { ...view(), type: "fx_fixed", day, rates: { GBP: "0.5", TND: "0.0001" } } as unknown as ShopEvent;
  const log = logOf(fixing, order("A-1", { lines: [line] }), { ...order("A-2", { lines: [line] }), currency: "TND" });
  for (const record of log) fold.fold(fold.read(record));
  expect(fold.standing.counters).toEqual(oracle(log, CURRENCIES).counters);
  expect(fold.standing.counters).toMatchObject({ counted: 2, "filtered-fx": 1 });
});
