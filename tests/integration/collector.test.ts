// The collector as a process on a real broker: what it acknowledges is on the log, and what it cannot write it does not acknowledge.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startBroker } from "../../local/broker.ts";
import { EventDecoder } from "../../producers/contract/codec.ts";
import type { CollectAnswer } from "../../producers/contract/collect.ts";
import { readLog } from "../support/read-log.ts";
import { eventually, worldOfTest } from "../support/world.ts";

const started = Date.now();
const view = (session_id: string, event_id: string): object => ({
  type: "page_viewed",
  event_id,
  occurred_at: Date.now(),
  store: "shop",
  session_id,
  session_started_at: started,
  page: "/",
});

const post = (url: string, events: readonly object[]): Promise<Response> =>
  fetch(`${url}/collect`, {
    method: "POST",
    headers: { "content-type": "text/plain" },
    body: JSON.stringify({ events }),
  });

/** Ids on the topic, by partition. */
async function idsOn(brokers: string, topic: string): Promise<Map<number, string[]>> {
  const decoder = new EventDecoder();
  const idOf = (value: Buffer | null): string => {
    const decoded = decoder.decode(value);
    return decoded.ok ? decoded.event.event_id : decoded.reason;
  };
  const log = await readLog(brokers, topic);
  return new Map([...log].map(([partition, records]) => [partition, records.map(({ value }) => idOf(value))]));
}

test("every event of many requests at once is on the log once, each session in one partition, in order", async () => {
  const world = await worldOfTest();
  const { child, url } = await world.startCollector({ COLLECTOR_EVENTS_PER_MINUTE: "100000" });
  const batches = Array.from({ length: 60 }, (_, nth) =>
    Array.from({ length: 5 }, (_, index) => view(`s${nth % 20}`, `s${nth % 20}:${nth}-${index}`)),
  );
  const answers = await Promise.all(batches.map((batch) => post(url, batch)));
  for (const answer of answers) {
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as CollectAnswer).accepted).toBe(5);
  }
  const partitions = await idsOn(world.config.KAFKA_BROKERS, world.config.EVENTS_TOPIC);
  const ids = [...partitions.values()].flat();
  expect(ids.toSorted()).toEqual(
    batches
      .flat()
      .map((event) => (event as { event_id: string }).event_id)
      .toSorted(),
  );
  for (let session = 0; session < 20; session++) {
    const of = [...partitions.values()].map((ids) => ids.filter((id) => id.startsWith(`s${session}:`)));
    const [own] = of.filter((ids) => ids.length > 0);
    expect(own).toHaveLength(15);
    for (const nth of [session, session + 20, session + 40])
      expect(own!.filter((id) => id.startsWith(`s${session}:${nth}-`)).map((id) => id.at(-1))).toEqual([
        "0",
        "1",
        "2",
        "3",
        "4",
      ]);
  }

  const last = post(url, [view("s0", "last")]);
  await eventually("it is under way", async () => (await fetch(`${url}/metrics`)).ok);
  await child.stop();
  expect(await child.ended).toBe(0);
  expect((await last).status).toBe(200);
});

test("while Kafka is away or hangs, events are refused with a time to come back, and accepted when it is there again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-collector-"));
  const dataDir = join(folder, "kafka");
  const start = (port?: number): ReturnType<typeof startBroker> =>
    startBroker({ dataDir, log: join(folder, "kafka.log"), ...(port === undefined ? {} : { port }) });
  let broker = await start();
  const { brokers } = broker;
  onTestFinished(async () => {
    broker.child.process.kill("SIGCONT");
    await broker.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const world = await worldOfTest({ KAFKA_BROKERS: brokers });
  const { url } = await world.startCollector();
  const isRefused = async (id: string): Promise<void> => {
    const refused = await post(url, [view("s", id)]);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("5");
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ ok: true, kafka: false });
  };
  const isAccepted = (id: string): Promise<true> =>
    eventually(`${id} is accepted`, async () => (await post(url, [view("s", id)])).status === 200 || null);

  await isAccepted("first");
  broker.child.process.kill("SIGSTOP");
  await isRefused("hangs");
  broker.child.process.kill("SIGCONT");
  await isAccepted("hangs");
  await broker.stop();
  await isRefused("away");
  broker = await start(Number(brokers.split(":")[1]));
  expect(broker.brokers).toBe(brokers);
  await isAccepted("away");

  const ids = [...(await idsOn(brokers, world.config.EVENTS_TOPIC)).values()].flat();
  expect(new Set(ids)).toEqual(new Set(["first", "hangs", "away"]));
});
