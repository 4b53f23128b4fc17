import { pino } from "pino";
import { expect, test, vi } from "vitest";
import { freePort } from "../local/free-port.ts";
import { readConfig } from "./config.ts";
import { createKafka } from "./kafka.ts";

test("that no broker answers is said once, with its cure, however often it is tried", async () => {
  const broker = `127.0.0.1:${await freePort()}`;
  const lines: { level: number; msg: string }[] = [];
  const write = (line: string): number => lines.push(JSON.parse(line) as (typeof lines)[number]);
  const kafka = createKafka(readConfig({ KAFKA_BROKERS: broker }), pino({ level: "debug" }, { write }), "test");
  const admin = kafka.admin();
  admin.connect().catch(() => undefined); // it goes on to try
  const about = (): typeof lines => lines.filter(({ msg }) => msg.includes("ECONNREFUSED"));
  await vi.waitUntil(() => about().length > 4, { timeout: 20_000 });
  const told = about()
    .filter(({ level }) => level >= 40)
    .map(({ msg }) => msg);
  expect(told).toEqual([expect.stringMatching(`^No Kafka broker answers at ${broker}: npm start .*KAFKA_BROKERS`)]);
  await admin.disconnect();
});
