// How long it takes from the moment at which an event falls due until kpi.panes holds it, and until a wall shows it, at a steady rate.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { io } from "socket.io-client";
import { TILES, type SubscribeAnswer, type TileId, type WallState } from "../gateway/contract/wall.ts";
import { startChild, untilReady, type Child } from "../local/child.ts";
import { freePort } from "../local/free-port.ts";
import { ROOT } from "../local/paths.ts";
import { ensureTopics } from "../runtime/kafka.ts";
import { decodeFlush } from "../stream/contract/flush-codec.ts";
import { dueAt, partitionOf, send } from "./latency-sender.ts";
import { cpuSecondsOf, type Bench } from "./pipeline.ts";
import { USUAL, workload } from "./workload.ts";

const WARM_UP_MS = 8_000;

export interface Latencies {
  readonly perSecond: number;
  /** ms, ascending, one for each event: acknowledged by Kafka. */
  readonly toKafka: readonly number[];
  /** ms, ascending, one for each event. */
  readonly toPanes: readonly number[];
  /** ms, ascending, one for each order. */
  readonly toWall: readonly number[];
  /** Cores that each process kept busy meanwhile. */
  readonly used: readonly (readonly [name: string, cores: number])[];
}

export const percentile = (ascending: readonly number[], p: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(p * ascending.length))] ?? NaN;

/**
 * When things fell due, in the order in which they come back: events of one partition exactly so. Orders are counted over all
 * partitions, so that two of them may be taken for each other where one partition is ahead of another by more than their distance.
 */
class Due {
  readonly #times: number[] = [];
  #seen = 0;
  readonly latencies: number[] = [];

  add(time: number): void {
    this.#times.push(time);
  }

  /** The first `count` have come back. Those due before `from` were warming up. */
  upTo(count: number, now: number, from: number): void {
    for (; this.#seen < Math.min(count, this.#times.length); this.#seen++) {
      const due = this.#times[this.#seen]!;
      if (due >= from) this.latencies.push(now - due);
    }
  }
}

export async function measureLatency(bench: Bench, perSecond: number, seconds: number): Promise<Latencies> {
  const name = `latency${perSecond}`;
  const partitions = 4;
  const port = await freePort();
  const workerPort = await freePort();
  const env = {
    KAFKA_BROKERS: bench.stack.broker.brokers,
    CLICKHOUSE_URL: bench.stack.engine.url,
    CLICKHOUSE_DATABASE: name,
    CLICKHOUSE_ANALYTICS: `${name}_analytics`,
    EVENTS_TOPIC: `events-${name}`,
    PANES_TOPIC: `panes-${name}`,
    DEAD_LETTERS_TOPIC: `dead-${name}`,
    CONSUMER_GROUP: name,
    STORES: "shop|Shop|UTC|GBP",
    GATEWAY_PORT: String(port),
    WORKER_PORT: String(workerPort),
  };
  await ensureTopics(bench.kafka, [
    { name: env.EVENTS_TOPIC, role: "events", partitions },
    { name: env.PANES_TOPIC, role: "panes", partitions: 1 },
  ]);
  const worker = start(bench, "stream/main.ts", env);
  const gateway = start(bench, "gateway/main.ts", env);
  const events = Array.from({ length: partitions }, () => new Due());
  const orders = new Due();
  const consumer = bench.kafka.consumer({ groupId: randomUUID(), maxWaitTimeInMs: 10 });
  const cpuSeconds = (): [name: string, seconds: number][] => [
    ["worker", cpuSecondsOf(worker) ?? NaN],
    ["gateway", cpuSecondsOf(gateway) ?? NaN],
    ["engine", cpuSecondsOf(bench.stack.engine.child) ?? NaN],
    ["broker", cpuSecondsOf(bench.stack.broker.child) ?? NaN],
    ["whoever watches", (process.cpuUsage().user + process.cpuUsage().system) / 1e6],
  ];
  let toKafka: readonly number[];
  let used: [name: string, cores: number][];
  const screen = io(`http://127.0.0.1:${port}`, { transports: ["websocket"], autoConnect: false });
  const ended = new AbortController();
  try {
    await untilReady(worker, async () => (await fetch(`http://127.0.0.1:${workerPort}/healthz`)).ok, 60_000);
    await untilReady(gateway, async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok, 60_000);
    // both make the log beforehand, so that making it takes no time from what is measured
    const total = perSecond * (WARM_UP_MS / 1000 + seconds);
    const startsAt = Date.now() + 4000 + total / 20;
    const measuredFrom = startsAt + WARM_UP_MS;
    const load = { ...USUAL, events: total, perSecond, openSessions: perSecond * 25, from: startsAt };
    const sending = send(
      { brokers: bench.stack.broker.brokers, topic: env.EVENTS_TOPIC, partitions, load, measuredFrom },
      ended.signal,
    );
    let made = 0;
    for (const { key, isOrder } of workload(load)) {
      const due = dueAt(load, made++);
      events[partitionOf(key, partitions)]!.add(due);
      if (isOrder) orders.add(due);
    }
    await consumer.connect();
    await consumer.subscribe({ topic: env.PANES_TOPIC, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        const flush = decodeFlush(message.value!);
        if (flush) events[flush.partition]!.upTo(flush.position, Date.now(), measuredFrom);
        return Promise.resolve();
      },
    });
    const show = ({ tiles }: WallState): void => orders.upTo(tiles.aov?.denominator ?? 0, Date.now(), measuredFrom);
    screen.on("state", (_: string, state: WallState) => show(state));
    screen.connect();
    const everything = { store: "shop", dimension: "total", value: "all", tiles: Object.keys(TILES) as TileId[] };
    const answer = (await screen.timeout(20_000).emitWithAck("subscribe", everything)) as SubscribeAnswer;
    if (!answer.ok) throw new Error(answer.message);
    await sleep(startsAt - Date.now());
    const before = cpuSeconds();
    const report = await sending;
    ({ toKafka } = report);
    const spent: [name: string, seconds: number][] = cpuSeconds().map(([name, all], i) => [name, all - before[i]![1]]);
    spent.push(["whoever sends", report.cpuSeconds]);
    used = spent.map(([name, all]) => [name, all / (total / perSecond)]);
    await sleep(2000);
  } finally {
    ended.abort();
    screen.disconnect();
    await Promise.all([consumer.disconnect(), worker.stop(), gateway.stop()]);
  }
  const ascending = (all: readonly number[]): number[] => [...all].sort((a, b) => a - b);
  return {
    perSecond,
    toKafka: ascending(toKafka),
    toPanes: ascending(events.flatMap(({ latencies }) => latencies)),
    toWall: ascending(orders.latencies),
    used,
  };
}

const start = (bench: Bench, file: string, env: Record<string, string>): Child =>
  startChild({
    name: file,
    command: process.execPath,
    args: ["--max-semi-space-size=64", "--import", "tsx", join(ROOT, file)],
    cwd: ROOT,
    env,
    log: join(bench.stack.folder, `${env["CONSUMER_GROUP"]}-${file.replaceAll("/", "-")}.log`),
  });
