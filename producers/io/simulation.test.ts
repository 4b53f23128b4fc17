import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { arrivals } from "../core/simulator/arrivals.ts";
import type { Incident } from "../core/simulator/incidents.ts";
import { DAY, HOUR, MINUTE, type Shop } from "../core/simulator/shop.ts";
import type { EventSink, Sent } from "./event-sink.ts";
import { runSimulation, type SimulationOptions } from "./simulation.ts";

const SHOP: Shop = { seed: 5, store: "shop", timeZone: "Europe/London", currency: "GBP", sessionsPerDay: 3000 };
const FROM = Date.UTC(2026, 5, 10);

class MemoryLog implements EventSink {
  readonly sent: Sent[] = [];

  async write(sent: Sent): Promise<void> {
    this.sent.push(sent);
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}

  ids(): string[] {
    return this.sent.map(({ at, event }) => `${at} ${event.event_id}`);
  }
}

function optionsOf(sink: EventSink, more: Partial<SimulationOptions> = {}): SimulationOptions {
  return {
    shop: SHOP,
    from: FROM,
    to: FROM + DAY,
    pace: { kind: "unpaced" },
    isStart: false,
    sink,
    stopping: new AbortController().signal,
    readIncidents: () => Promise.resolve([]),
    incidentsChanged: () => Promise.resolve(false),
    onAcknowledged: () => Promise.resolve(),
    onWritten: () => undefined,
    onCaughtUp: () => undefined,
    ...more,
  };
}

const expected = (from: number, to: number, incidents: readonly Incident[] = []): string[] =>
  [...arrivals(SHOP, incidents, from, to)].flat().map(({ at, event }) => `${at} ${event.event_id}`);

test("a range is written whole, and once", async () => {
  const log = new MemoryLog();
  let acknowledged = 0;
  await runSimulation(optionsOf(log, { onAcknowledged: async (before) => void (acknowledged = before) }));
  expect(log.ids()).toEqual(expected(FROM, FROM + DAY));
  expect(acknowledged).toBe(FROM + DAY);
});

test("a new log begins with a week of rates and the products", async () => {
  const log = new MemoryLog();
  await runSimulation(optionsOf(log, { isStart: true, to: FROM + MINUTE }));
  const types = log.sent.map(({ event }) => event.type);
  expect(types.filter((type) => type === "fx_fixed")).toHaveLength(5);
  expect(types.slice(5, 205).every((type) => type === "product_updated")).toBe(true);
});

test("stopped and started again, it goes on where it was: nothing is missing and nothing comes twice", async () => {
  const log = new MemoryLog();
  let from = FROM;
  const now = Date.now();
  const pace = { kind: "scaled", times: 100_000, from: FROM, startedAt: now } as const;
  for (const pause of [250, 120, 330]) {
    const stop = new AbortController();
    const stopping = stop.signal;
    const run = runSimulation(
      optionsOf(log, { from, to: Infinity, pace, stopping, onAcknowledged: async (before) => void (from = before) }),
    );
    await sleep(pause);
    stop.abort();
    await run;
  }
  expect(from).toBeGreaterThan(FROM + HOUR);
  expect(log.ids()).toEqual(expected(FROM, from));
});

test("an incident that is told while it runs takes effect, and what was out before stays as it was", async () => {
  const log = new MemoryLog();
  const incident: Incident = { kind: "silence", from: FROM + 12 * HOUR, to: FROM + 18 * HOUR };
  const startedAt = Date.now();
  const pace = { kind: "scaled", times: 20_000, from: FROM, startedAt } as const;
  let told = false;
  await runSimulation(
    optionsOf(log, {
      pace,
      incidentsChanged: () => {
        const now = told ? false : Date.now() - startedAt > 500;
        told ||= now;
        return Promise.resolve(now);
      },
      readIncidents: () => Promise.resolve(told ? [incident] : []),
    }),
  );
  expect(told).toBe(true);
  expect(log.ids()).toEqual(expected(FROM, FROM + DAY, [incident]));
});
