import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ShopEvent } from "../contract/events.ts";
import { ONLINE_RETAIL } from "../core/replay/mapping.ts";
import type { EventSink } from "./event-sink.ts";
import { runReplay, type ReplayRunOptions } from "./replay-run.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "replay-run-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A log in memory that is cut off after so many events: the last ones may be there without an acknowledgement. */
class MemoryLog implements EventSink {
  readonly events: ShopEvent[] = [];
  room = Infinity;

  async write({ event }: { event: ShopEvent }): Promise<void> {
    if (this.room-- <= 0) throw new Error("cut off");
    this.events.push(event);
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}
}

const HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";

async function fileOf(lines: readonly string[], gzip: boolean): Promise<string> {
  const path = join(folder, "export.csv");
  const text = `${HEADER}\n${lines.join("\n")}\n`;
  await writeFile(path, gzip ? gzipSync(text) : text);
  return path;
}

function run(file: string, log: EventSink, more: Partial<ReplayRunOptions> = {}): ReturnType<typeof runReplay> {
  return runReplay({
    file,
    mapping: ONLINE_RETAIL,
    naming: { store: "online-retail", source: "or" },
    acknowledged: 0,
    rejectsFile: join(folder, "rejects.csv"),
    sink: log,
    stopping: new AbortController().signal,
    onAcknowledged: () => Promise.resolve(),
    onRead: () => undefined,
    ...more,
  });
}

const line = fc
  .record({
    invoice: fc.constantFrom("1", "2", "3", "4", "C5", "C6", "A7", ""),
    quantity: fc.integer({ min: -2, max: 5 }),
    price: fc.constantFrom("1.25", "0", "0.001", "0.00001"),
  })
  .map(({ invoice, quantity, price }) => `${invoice},s,n,${quantity},2011-03-01 10:00:00,${price},,France`);

test("a run that is cut off anywhere and gone on with sends the same events", async () => {
  const cuts = fc.array(fc.nat({ max: 12 }), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 40 }), cuts, fc.boolean(), async (lines, cuts, gzip) => {
      const file = await fileOf(lines, gzip);
      const whole = new MemoryLog();
      const { events, accounting } = await run(file, whole);
      expect(events).toBe(whole.events.length);
      expect(accounting.lines).toBe(lines.length);

      const log = new MemoryLog();
      // Fewer may be acknowledged than were sent: those come twice, with the same ids.
      let acknowledged = 0;
      for (const cut of cuts) {
        log.room = cut;
        await run(file, log, { acknowledged }).catch(() => undefined);
        acknowledged = Math.min(log.events.length, acknowledged + Math.floor(cut / 2));
      }
      log.room = Infinity;
      await run(file, log, { acknowledged });
      const once = new Map(log.events.map((event) => [event.event_id, event]));
      expect([...once.values()]).toEqual(whole.events);
    }),
    { numRuns: 60 },
  );
});

test("nothing is sent again that was acknowledged", async () => {
  const file = await fileOf(["1,s,n,1,2011-03-01 10:00:00,1,,", "2,s,n,1,2011-03-01 10:00:00,1,,"], false);
  const log = new MemoryLog();
  const result = await run(file, log, { acknowledged: 1 });
  expect(log.events.map(({ event_id: id }) => id)).toEqual(["or/order/2"]);
  expect(result.events).toBe(2);
});

test("a stopped run says that it is not complete, and what is acknowledged", async () => {
  const file = await fileOf(
    Array.from({ length: 3000 }, (_, i) => `${i},s,n,1,2011-03-01 10:00:00,1,,`),
    true,
  );
  const stop = new AbortController();
  const log = new MemoryLog();
  let acknowledged = 0;
  const result = await run(file, log, {
    stopping: stop.signal,
    onRead: () => stop.abort(),
    onAcknowledged: async (events) => {
      acknowledged = events;
    },
  });
  expect(result.complete).toBe(false);
  expect(acknowledged).toBe(log.events.length);
  expect(acknowledged).toBeLessThan(3000);
});

test("a file that lacks columns is refused with their names", async () => {
  const path = join(folder, "other.csv");
  await writeFile(path, "InvoiceNo,Quantity\n1,2\n");
  await expect(run(path, new MemoryLog())).rejects.toThrow(
    /no column .*"StockCode" \(sku\).*It has: InvoiceNo, Quantity/,
  );
});
