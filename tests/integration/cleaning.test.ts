// Cleaning rules that are asked of storage, not decided when an event is folded.
import { expect, test } from "vitest";
import { order } from "../guide/shop.ts";
import { ask, expectExact, foldWell, produceEvents } from "../support/folding.ts";
import { worldOfTest } from "../support/world.ts";

test("an order line far from what is usual in its category is flagged, and every figure still has it", async () => {
  const world = await worldOfTest();
  const at = Math.floor(Date.now() / 60_000) * 60_000 - 600_000;
  const line = (unit_price: number): Parameters<typeof order>[1] => ({
    occurred_at: at,
    session_id: `s${unit_price}`,
    session_started_at: at,
    lines: [{ sku: "lamp", name: "Lamp", category: "home & garden", quantity: 1, unit_price }],
  });
  const usual = Array.from({ length: 40 }, (_, i) => order(`A-${i}`, line(200_000 + 5_000 * i)));
  await produceEvents(world, [...usual, order("huge", line(90_000_000)), order("tiny", line(100))]);
  await foldWell(world);
  await expectExact(world);
  const { CLICKHOUSE_ANALYTICS } = world.config;
  const flagged = await ask<{ order_id: string; typical: number }>(
    world,
    `SELECT order_id, round(typical) AS typical FROM ${CLICKHOUSE_ANALYTICS}.outliers ORDER BY score DESC`,
  );
  expect(flagged).toEqual([
    { order_id: "huge", typical: 30 },
    { order_id: "tiny", typical: 30 },
  ]);
  const [total] = await ask<{ orders: number; gross: number }>(
    world,
    `SELECT sum(orders) AS orders, toFloat64(sum(gross)) AS gross FROM ${CLICKHOUSE_ANALYTICS}.panes
     WHERE dimension = 'total' AND width = 60`,
  );
  expect(total).toEqual({ orders: 42, gross: 40 * 29.75 + 9000 + 0.01 });
});
