// The UCI Online Retail file through the whole pipeline: killed half-way, resumed, and run again. Known totals: its invoice lines
// summed by month (see docs/decisions.md for the two lines that are dead letters). The file is not part of this repository;
// where it does not lie beside it, these tests are skipped.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../../local/paths.ts";
import { readCheckpoint, type Checkpoint } from "../../producers/io/checkpoint.ts";
import { quantile } from "../../stream/contract/quantile-sketch.ts";
import { eventually, worldOfTest, type World } from "../support/world.ts";

const FILE = process.env["ONLINE_RETAIL"] ?? join(ROOT, "../shared/data/online_retail.csv.gz");

/** Net sales by month as the file's lines add up; in 2011-08 with two lines of negative price that no order may have. */
const LINES_BY_MONTH: Record<string, number> = {
  "2010-12": 748_957.02,
  "2011-01": 560_000.26,
  "2011-02": 498_062.65,
  "2011-03": 683_267.08,
  "2011-04": 493_207.121,
  "2011-05": 723_333.51,
  "2011-06": 691_123.12,
  "2011-07": 681_300.111,
  "2011-08": 682_680.51,
  "2011-09": 1_019_687.622,
  "2011-10": 1_070_704.67,
  "2011-11": 1_461_756.25,
  "2011-12": 433_668.01,
};
const ALL_LINES = 9_747_747.934;

const inTenThousandths = (amount: number): number => Math.round(amount * 10_000);

async function ask<T>({ clickhouse, config }: World, query: string): Promise<T[]> {
  const filled = query
    .replaceAll("{db}", config.CLICKHOUSE_DATABASE)
    .replaceAll("{analytics}", config.CLICKHOUSE_ANALYTICS);
  return (await clickhouse.query({ query: filled, format: "JSONEachRow" })).json<T>();
}

/** Net sales by month, ten-thousandths, and the same of what the accounting shows as not counted. */
async function months(world: World): Promise<{ net: Record<string, number>; leftOut: Record<string, number> }> {
  const net = await ask<{ month: string; amount: number }>(
    world,
    `SELECT formatDateTime(day, '%Y-%m') AS month, toInt64(sum(net_sales) * 10000) AS amount FROM {analytics}.panes
     WHERE store = 'online-retail' AND dimension = 'total' AND width = 60 GROUP BY month ORDER BY month`,
  );
  const leftOut = await ask<{ month: string; amount: number }>(
    world,
    // a dead letter leaves no facts, so a record that is sent again is a dead letter again: distinct events are summed
    `SELECT formatDateTime(toDate(occurred_at, 'Europe/London'), '%Y-%m') AS month, sum(net_effect) AS amount
     FROM (SELECT DISTINCT event_id, occurred_at, net_effect FROM {db}.raw_events FINAL
           WHERE verdict NOT IN ('counted', 'duplicate'))
     GROUP BY month`,
  );
  const record = (rows: { month: string; amount: number }[]): Record<string, number> =>
    Object.fromEntries(rows.map(({ month, amount }) => [month, amount]));
  return { net: record(net), leftOut: record(leftOut) };
}

function withLeftOut({ net, leftOut }: Awaited<ReturnType<typeof months>>): Record<string, number> {
  return Object.fromEntries(Object.entries(net).map(([month, amount]) => [month, amount + (leftOut[month] ?? 0)]));
}

const wanted = Object.fromEntries(
  Object.entries(LINES_BY_MONTH).map(([month, amount]) => [month, inTenThousandths(amount)]),
);

/** Order values of the year, ascending, in ten-thousandths; and how many the panes' sketches have in each bucket. */
async function orderValues(world: World): Promise<{ exact: number[]; sketch: Map<number, number> }> {
  const exact = await ask<{ value: number }>(
    world,
    `SELECT toInt64(gross - discount) AS value FROM {db}.orders FINAL WHERE verdict = 'counted' AND value > 0 ORDER BY value`,
  );
  const [merged] = await ask<{ buckets: [number[], number[]] }>(
    world,
    `SELECT sumMap(sketch_index, sketch_count) AS buckets FROM {db}.panes FINAL WHERE dimension = 'total' AND width = 60`,
  );
  const [index, count] = merged!.buckets;
  return {
    exact: exact.map(({ value }) => value),
    sketch: new Map(index.map((bucket, i) => [bucket, count[i]!])),
  };
}

describe.skipIf(!existsSync(FILE))("Online Retail, 541,909 lines", () => {
  test("killed half-way, resumed and run again, the months equal the file's lines to the ten-thousandth", async () => {
    const source = `test-${process.pid}`;
    const world = await worldOfTest();
    const args = ["online-retail", FILE, "--source", source, "--state", world.folder];
    const killed = world.start("producers/replay.ts", args);
    const checkpointFile = join(world.folder, `${source}.json`);
    const part = async (): Promise<Checkpoint | null> => (await readCheckpoint(checkpointFile)) ?? null;
    const checkpoint = await eventually("a part of the file is acknowledged", part);
    killed.process.kill("SIGKILL");
    await killed.ended;
    expect(checkpoint).toMatchObject({ complete: false });

    const resumed = world.start("producers/replay.ts", args);
    expect(await resumed.ended, resumed.tail()).toBe(0);
    const first = await months(world);
    expect(withLeftOut(first)).toEqual(wanted);
    expect(Object.values(withLeftOut(first)).reduce((sum, amount) => sum + amount, 0)).toBe(
      inTenThousandths(ALL_LINES),
    );

    const { exact, sketch } = await orderValues(world);
    expect([...sketch.values()].reduce((sum, count) => sum + count, 0)).toBe(exact.length);
    expect(exact.length).toBeGreaterThan(10_000);
    for (const q of [0.01, 0.25, 0.5, 0.75, 0.95, 0.99, 1]) {
      const value = exact[Math.floor(q * (exact.length - 1))]!;
      expect(Math.abs(quantile(sketch, q)! / value - 1), `quantile ${q}`).toBeLessThanOrEqual(0.01);
    }

    const again = world.start("producers/replay.ts", [...args, "--again"]);
    expect(await again.ended, again.tail()).toBe(0);
    expect(await months(world)).toEqual(first);
  }, 300_000);
});
