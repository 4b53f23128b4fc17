import { createServer, type AddressInfo } from "node:net";
import { pino } from "pino";
import { expect, test, vi } from "vitest";
import { readConfig } from "./config.ts";
import { createKafka } from "./kafka.ts";

/** Where nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("that no broker answers is said once, with its cure, however often it is tried", async () => {
  const broker = `127.0.0.1:${await deadPort()}`;
  const lines: { level: number; msg: string }[] = [];
  const write = (line: string): number => lines.push(JSON.parse(line) as (typeof lines)[number]);
  const kafka = createKafka(readConfig({ KAFKA_BROKERS: broker }), pino({ level: "debug" }, { write }), "test");
  const admin = kafka.admin();
  const connected = admin.connect();
  connected.catch(() => undefined); // it goes on to try
  const about = (): typeof lines => lines.filter(({ msg }) => msg.includes("ECONNREFUSED"));
  await vi.waitUntil(() => about().length > 4, { timeout: 20_000 });
  const told = about()
    .filter(({ level }) => level >= 40)
    .map(({ msg }) => msg);
  expect(told).toEqual([expect.stringMatching(`^No Kafka broker answers at ${broker}: npm start .*KAFKA_BROKERS`)]);
  await admin.disconnect();
});
