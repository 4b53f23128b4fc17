// How long it takes from sending an event until kpi.panes holds it, and until a wall shows it, at a steady rate.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Partitioners } from "kafkajs";
import { io } from "socket.io-client";
import { TILES, type SubscribeAnswer, type TileId, type WallState } from "../gateway/contract/wall.ts";
import { startChild, untilReady, type Child } from "../local/child.ts";
import { freePort } from "../local/free-port.ts";
import { ROOT } from "../local/paths.ts";
import { ensureTopics } from "../runtime/kafka.ts";
import { decodeFlush } from "../stream/contract/flush-codec.ts";
import { cpuSecondsOf, type Bench } from "./pipeline.ts";
import { USUAL, workload, type Message } from "./workload.ts";

const TICK_MS = 10;
const WARM_UP_MS = 8_000;
/** Messages in one request: what a stall has left over is sent in pieces, as kafkajs takes quadratic time to sort large ones. */
const BATCH = 5_000;

export interface Latencies {
  readonly perSecond: number;
  /** ms, ascending, one for each event. */
  readonly toPanes: readonly number[];
  /** ms, ascending, one for each order. */
  readonly toWall: readonly number[];
  /** Cores that each process kept busy meanwhile. */
  readonly used: readonly (readonly [name: string, cores: number])[];
}

export const percentile = (ascending: readonly number[], p: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(p * ascending.length))] ?? NaN;

/** When things were sent, in the order in which they come back. */
class Sent {
  readonly #times: number[] = [];
  #seen = 0;
  readonly latencies: number[] = [];

  add(time: number): void {
    this.#times.push(time);
  }

  /** The first `count` have come back. Those sent before `from` were warming up. */
  upTo(count: number, now: number, from: number): void {
    for (; this.#seen < Math.min(count, this.#times.length); this.#seen++) {
      const sentAt = this.#times[this.#seen]!;
      if (sentAt >= from) this.latencies.push(now - sentAt);
    }
  }
}

/** Made beforehand, so that making it takes no time from what is measured; it starts a little later. */
function logAhead(perSecond: number, seconds: number): { startsAt: number; log: readonly Message[] } {
  const events = perSecond * seconds;
  const startsAt = Date.now() + 1000 + events / 25;
  return {
    startsAt,
    log: [...workload({ ...USUAL, events, perSecond, openSessions: perSecond * 25, from: startsAt })],
  };
}

export async function measureLatency(bench: Bench, perSecond: number, seconds: number): Promise<Latencies> {
  const name = `latency${perSecond}`;
  const partitions = 4;
  const port = await freePort();
  const workerPort = await freePort();
  const env = {
    KAFKA_BROKERS: bench.broker.brokers,
    CLICKHOUSE_URL: bench.engine.url,
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
  const events = Array.from({ length: partitions }, () => new Sent());
  const orders = new Sent();
  const consumer = bench.kafka.consumer({ groupId: randomUUID(), maxWaitTimeInMs: 10 });
  const producer = bench.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const cpuSeconds = (): [name: string, seconds: number][] => [
    ["worker", cpuSecondsOf(worker) ?? NaN],
    ["gateway", cpuSecondsOf(gateway) ?? NaN],
    ["engine", cpuSecondsOf(bench.engine.child) ?? NaN],
    ["broker", cpuSecondsOf(bench.broker.child) ?? NaN],
    ["whoever sends and watches", (process.cpuUsage().user + process.cpuUsage().system) / 1e6],
  ];
  let used: [name: string, cores: number][] = [];
  const screen = io(`http://127.0.0.1:${port}`, { transports: ["websocket"], autoConnect: false });
  try {
    await untilReady(worker, async () => (await fetch(`http://127.0.0.1:${workerPort}/healthz`)).ok, 60_000);
    await untilReady(gateway, async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok, 60_000);
    const { startsAt, log } = logAhead(perSecond, WARM_UP_MS / 1000 + seconds);
    const from = startsAt + WARM_UP_MS;
    await consumer.connect();
    await consumer.subscribe({ topic: env.PANES_TOPIC, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        const flush = decodeFlush(message.value!);
        if (flush) events[flush.partition]!.upTo(flush.position, Date.now(), from);
        return Promise.resolve();
      },
    });
    const show = ({ tiles }: WallState): void => orders.upTo(tiles.aov?.denominator ?? 0, Date.now(), from);
    screen.on("state", (_: string, state: WallState) => show(state));
    screen.connect();
    const everything = { store: "shop", dimension: "total", value: "all", tiles: Object.keys(TILES) as TileId[] };
    const answer = (await screen.timeout(20_000).emitWithAck("subscribe", everything)) as SubscribeAnswer;
    if (!answer.ok) throw new Error(answer.message);
    await producer.connect();
    let sent = 0;
    let sending: Promise<unknown> = Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve, startsAt - Date.now()));
    const before = cpuSeconds();
    while (sent < log.length) {
      const now = Date.now();
      const due = log.slice(sent, Math.min(sent + BATCH, Math.ceil(((now - startsAt) / 1000) * perSecond)));
      const messages = due.map(({ key, value, isOrder }, i) => {
        const partition = (key.charCodeAt(key.length - 1) + key.charCodeAt(key.length - 2)) % partitions;
        const at = startsAt + ((sent + i) * 1000) / perSecond; // when it fell due: a stall here would hide those of others
        events[partition]!.add(at);
        if (isOrder) orders.add(at);
        return { key, value, partition };
      });
      sent += due.length;
      if (messages.length > 0) {
        await sending;
        sending = producer.send({ topic: env.EVENTS_TOPIC, acks: -1, messages });
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    await sending;
    used = cpuSeconds().map(([name, seconds], i) => [name, (seconds - before[i]![1]) / (log.length / perSecond)]);
    await new Promise((resolve) => setTimeout(resolve, 2000));
  } finally {
    screen.disconnect();
    await Promise.all([consumer.disconnect(), producer.disconnect(), worker.stop(), gateway.stop()]);
  }
  const ascending = (all: readonly number[]): number[] => [...all].sort((a, b) => a - b);
  return {
    perSecond,
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
    log: join(bench.folder, `${env["CONSUMER_GROUP"]}-${file.replaceAll("/", "-")}.log`),
  });
