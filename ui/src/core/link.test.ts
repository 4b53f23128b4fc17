import { expect, test } from "vitest";
import type { Freshness } from "../../../gateway/contract/wall.ts";
import {
  ageOf,
  conditionOf,
  isHung,
  newLink,
  next,
  retryDelay,
  type Link,
  type LinkEvent,
  type WallCondition,
} from "./link.ts";

const NOW = 1_795_000_000_000;
const fresh: Freshness = {
  state: "live",
  freshAt: NOW,
  watermark: NOW - 10_000,
  partitionsHeard: 8,
  partitions: 8,
  silentFor: 1000,
};
const after = (...events: LinkEvent[]): Link => events.reduce(next, newLink(NOW));
const beat: LinkEvent = { type: "beat", at: NOW, now: NOW };
const fed = after({ type: "opened", now: NOW }, beat, { type: "snapshot" });

const EVENTS: Record<LinkEvent["type"], LinkEvent> = {
  opened: { type: "opened", now: NOW },
  closed: { type: "closed", retryAt: NOW + 500 },
  attempt: { type: "attempt" },
  beat,
  snapshot: { type: "snapshot" },
  refused: { type: "refused", code: "store-unknown", message: "no such store" },
};

test.each<[Link["phase"], Record<LinkEvent["type"], Link["phase"]>]>([
  [
    "waiting",
    { opened: "open", closed: "waiting", attempt: "waiting", beat: "waiting", snapshot: "waiting", refused: "waiting" },
  ],
  ["open", { opened: "open", closed: "waiting", attempt: "open", beat: "open", snapshot: "fed", refused: "open" }],
  ["fed", { opened: "open", closed: "waiting", attempt: "fed", beat: "fed", snapshot: "fed", refused: "fed" }],
])("from %s every event leads where the table says", (phase, table) => {
  for (const [type, expected] of Object.entries(table) as [LinkEvent["type"], Link["phase"]][])
    expect(next({ ...newLink(NOW), phase }, EVENTS[type]).phase, type).toBe(expected);
});

test.each<[WallCondition, Link, Freshness | null, number]>([
  ["loading", newLink(NOW), null, NOW + 3000],
  ["loading", after({ type: "opened", now: NOW }, beat), null, NOW + 3000],
  ["disconnected", newLink(NOW), null, NOW + 10_001],
  ["disconnected", after({ type: "opened", now: NOW }, { type: "snapshot" }), fresh, NOW + 10_001], // cut before the first heartbeat
  ["live", fed, fresh, NOW + 5000],
  ["stale", fed, fresh, NOW + 5001],
  ["stale", fed, { ...fresh, state: "stale" }, NOW],
  ["behind", fed, { ...fresh, state: "behind" }, NOW],
  ["behind", fed, { ...fresh, watermark: NOW - 30_001 }, NOW],
  ["silent", fed, { ...fresh, silentFor: 300_001 }, NOW],
  ["loading", fed, { ...fresh, state: "starting", freshAt: null }, NOW],
  ["disconnected", fed, fresh, NOW + 10_001],
  ["error", next(fed, EVENTS.refused), fresh, NOW],
  ["disconnected", next(fed, EVENTS.refused), fresh, NOW + 10_001],
])("the wall is %s", (expected, link, freshness, now) => {
  expect(conditionOf(link, freshness, now)).toBe(expected);
});

test("an age is by the server's clock, whatever the screen's says", () => {
  const ahead = 90_000; // the screen's clock is a minute and a half fast
  const link = after({ type: "opened", now: NOW }, { type: "beat", at: NOW, now: NOW + ahead }, { type: "snapshot" });
  expect(ageOf(link, fresh, NOW + ahead + 2000)).toBe(2000);
});

test("a heartbeat that was held up does not move the clock", () => {
  const held: LinkEvent = { type: "beat", at: NOW + 1000, now: NOW + 9000 };
  expect(after({ type: "opened", now: NOW }, beat, held).clockOffset).toBe(0);
});

test("attempts are counted until a heartbeat comes, and spaced half a second to ten with jitter", () => {
  const trying = after(EVENTS.closed, EVENTS.attempt, EVENTS.closed, EVENTS.attempt);
  expect(trying.attempts).toBe(2);
  expect(next(trying, EVENTS.opened).attempts).toBe(2);
  expect(next(next(trying, EVENTS.opened), beat).attempts).toBe(0);
  expect(retryDelay(0, 0)).toBe(500);
  expect(retryDelay(0, 0.999)).toBeLessThanOrEqual(1000);
  expect(retryDelay(50, 0.999)).toBeLessThanOrEqual(10_000);
  expect(retryDelay(50, 0)).toBe(5000);
});

test("an open link without a heartbeat for ten seconds is hung, one that just opened is not", () => {
  expect(isHung(fed, NOW + 10_000)).toBe(false);
  expect(isHung(fed, NOW + 10_001)).toBe(true);
  expect(isHung(next(fed, { type: "opened", now: NOW + 60_000 }), NOW + 61_000)).toBe(false);
  expect(isHung(next(fed, EVENTS.closed), NOW + 60_000)).toBe(false);
});
