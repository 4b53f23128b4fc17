// 5. The whole path
//
// The same on real parts: an event goes through Kafka, a worker folds it, ClickHouse stores it, and an analyst reads a view.
import { Kafka, logLevel } from "kafkajs";
import { expect, test } from "vitest";
import { encodeEvent } from "../../producers/contract/codec.ts";
import { recordKey } from "../../producers/contract/events.ts";
import { eventually, worldOfTest } from "../support/world.ts";
import { MINUTE, order, refund, view } from "./shop.ts";

test("an order and its refund, from Kafka to the analysts' views", async () => {
  const world = await worldOfTest();
  await world.startWorker(); // makes the topics and tables, too

  const now = { occurred_at: Math.floor(Date.now() / MINUTE) * MINUTE - MINUTE };
  const session = { session_id: "anna", session_started_at: now.occurred_at };
  const placed = order("A-1", { ...now, ...session });
  const events = [view({ ...now, ...session }), placed, refund("R-1", placed, 100_000, now)];
  const kafka = new Kafka({ brokers: world.config.KAFKA_BROKERS.split(","), logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  const messages = events.map((event) => ({ key: recordKey(event), value: encodeEvent(event) }));
  await producer.send({ topic: world.config.EVENTS_TOPIC, messages });
  await producer.disconnect();

  const rows = await eventually("the order is stored", async () => {
    const answer = await world.clickhouse.query({
      query: `SELECT sum(orders) AS orders, toString(sum(net_sales)) AS net FROM ${world.config.CLICKHOUSE_ANALYTICS}.panes
              WHERE store = 'shop' AND dimension = 'total' AND width = 60`,
      format: "JSONEachRow",
    });
    const [row] = await answer.json<{ orders: number; net: string }>();
    return row?.net === "74.5" ? row : null;
  });
  expect(rows).toEqual({ orders: 1, net: "74.5" });
});
