// Workers as real processes on a real broker and the real engine, killed at random instants and at each effect, frozen until
// another owns their partitions, added and removed; the broker restarted, the engine stopped. In the end every stored row is
// compared with an oracle that reads the log from the start, and what gateways were told with what is stored.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";
import { createClickHouse } from "../../clickhouse/client.ts";
import { startChild, type Child } from "../../local/child.ts";
import type { Engine } from "../../local/engine.ts";
import { ROOT } from "../../local/paths.ts";
import { ScratchStack } from "../../local/scratch-stack.ts";
import { readConfig, type Config } from "../../runtime/config.ts";
import { ensureTopics } from "../../runtime/kafka.ts";
import { Refusal } from "../../stream/io/owned-partition.ts";
import { bundle } from "../support/bundle.ts";
import { compareWithOracle } from "../support/compare.ts";
import { comparePublished } from "../support/compare-published.ts";
import type { Random } from "../support/memory-storage.ts";
import { randomOf } from "../support/random-log.ts";
import { readLog } from "../support/read-log.ts";
import { STORES, Traffic } from "./traffic.ts";
import { MOMENTS, TABLES, TrapProxy, type Moment, type TableName } from "./trap-proxy.ts";

export interface ChaosOptions {
  readonly kills: number;
  readonly seed: number;
  readonly perSecond: number;
  readonly partitions: number;
  /** Workers at once, one more or less. */
  readonly workers: number;
  /** Longest time that the engine is away at once, s. */
  readonly longestOutage: number;
  readonly brokerRestarts: number;
  readonly outages: number;
  readonly say: (line: string) => void;
}

export interface ChaosReport {
  readonly kills: number;
  /** Kills by the effect at which they struck, and other troubles, by name. */
  readonly troubles: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly records: number;
  readonly rows: number;
  readonly published: number;
  /** What differs from the oracle; empty: nothing. */
  readonly problems: readonly string[];
  /** Reasons for which workers ended by themselves, with how many did. */
  readonly ended: Readonly<Record<string, number>>;
}

interface Worker {
  readonly child: Child;
  readonly proxy: TrapProxy;
  /** Its end is ours. */
  doomed: boolean;
  /** No other takes its place. */
  removed: boolean;
}

/** Every moment of every table, in an order that does not favour the early ones. */
const EFFECTS: readonly { table: TableName; moment: Moment }[] = MOMENTS.flatMap((_, shift) =>
  TABLES.map((table, i) => ({ table, moment: MOMENTS[(i + shift) % MOMENTS.length]! })),
);

/** Where an insert or its answer can be lost. */
const LOSSES = EFFECTS.filter(({ moment }) => moment !== "answered");

/** Troubles of workers, in the order in which they are made; each happens at least once, however short the run. */
const TROUBLES = ["insert lost", "worker frozen", "worker added", "worker stopped", "worker removed"] as const;

export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const run = await ChaosRun.open(options);
  try {
    return await run.go();
  } finally {
    await run.close();
  }
}

/** How a worker ended by its own words: the fatal error that it logged. */
function lastWords({ tail }: Child): { reason: string; refused: boolean } {
  const fatal = tail(40)
    .split("\n")
    .findLast((line) => line.includes('"level":60'));
  if (fatal === undefined) return { reason: tail(1).slice(0, 160), refused: false };
  const { msg, err } = JSON.parse(fatal) as { msg: string; err?: { type: string } };
  return { reason: msg.slice(0, 160), refused: err?.type === Refusal.name };
}

class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #random: Random;
  readonly #stack: ScratchStack;
  readonly #config: Config;
  readonly #env: Record<string, string>;
  /** The worker as one file. */
  readonly #program: string;
  readonly #workers = new Set<Worker>();
  readonly #troubles: Record<string, number> = {};
  readonly #ended: Record<string, number> = {};
  readonly #refusals: string[] = [];
  #kills = 0;
  #troublesMade = 0;
  #effects = 0;
  #outages = 0;
  #started = 0;
  #engineAway = false;
  #stackTroubled = false;
  #finishing = false;
  /** Something was wrong: its data and logs are kept. */
  #evidence = false;

  private constructor(options: ChaosOptions, stack: ScratchStack, program: string) {
    this.#options = options;
    this.#program = program;
    this.#random = randomOf(options.seed);
    this.#stack = stack;
    this.#env = {
      KAFKA_BROKERS: stack.broker.brokers,
      CLICKHOUSE_URL: stack.engine.url,
      EVENTS_TOPIC: "chaos.events",
      PANES_TOPIC: "chaos.panes",
      DEAD_LETTERS_TOPIC: "chaos.dead-letters",
      CONSUMER_GROUP: "chaos",
      CLICKHOUSE_DATABASE: "chaos",
      CLICKHOUSE_ANALYTICS: "chaos_analytics",
      FLUSH_MS: "400",
      STORES,
    };
    this.#config = readConfig(this.#env);
  }

  static async open(options: ChaosOptions): Promise<ChaosRun> {
    process.env["KAFKAJS_NO_PARTITIONER_WARNING"] = "1";
    const stack = await ScratchStack.open("chaos", options.say);
    const program = await bundle("stream/main.ts", stack.name);
    stack.goesToo(program);
    return new ChaosRun(options, stack, program);
  }

  async close(): Promise<void> {
    this.#finishing = true;
    await Promise.all([...this.#workers].map((worker) => this.#end(worker, "SIGKILL")));
    await this.#stack.close({ keep: this.#evidence });
    if (this.#evidence) this.#options.say(`data and logs of the run are kept in ${this.#stack.folder}`);
  }

  async go(): Promise<ChaosReport> {
    const { perSecond, partitions, seed, say } = this.#options;
    const { EVENTS_TOPIC, PANES_TOPIC, DEAD_LETTERS_TOPIC } = this.#config;
    const startedAt = Date.now();
    const kafka = this.#kafka();
    await ensureTopics(kafka, [
      { name: EVENTS_TOPIC, role: "events", partitions },
      { name: PANES_TOPIC, role: "panes", partitions: 1 },
      { name: DEAD_LETTERS_TOPIC, role: "deadLetters", partitions: 1 },
    ]);
    const traffic = new Traffic(kafka, EVENTS_TOPIC, perSecond, seed);
    await traffic.start();
    for (let i = 0; i < this.#options.workers; i++) await this.#start();
    await Promise.all([this.#troubleWorkers(traffic, startedAt), this.#troubleStack()]);
    this.#finishing = true;
    await traffic.stop();
    await Promise.all([...this.#workers].map((worker) => this.#end(worker, "SIGKILL")));
    say("enough: a last worker folds the rest, then every row is compared");
    await this.#finish();
    return this.#compare(startedAt);
  }

  #kafka(): Kafka {
    const retry = { retries: 20, maxRetryTime: 2000 };
    return new Kafka({ brokers: [this.#stack.broker.brokers], logLevel: logLevel.NOTHING, retry });
  }

  #count(trouble: string): void {
    this.#troubles[trouble] = (this.#troubles[trouble] ?? 0) + 1;
  }

  #hasMade(trouble: string): boolean {
    return Object.keys(this.#troubles).some((name) => name.startsWith(trouble));
  }

  #pick<T>(all: readonly T[]): T {
    return all[Math.floor(this.#random() * all.length)]!;
  }

  /** Most join the common group; some have one of their own, so that a partition has several owners at once. */
  async #start(): Promise<void> {
    const proxy = await TrapProxy.open(this.#stack.engine.url);
    const number = this.#started++;
    const child = startChild({
      name: `worker ${number}`,
      command: process.execPath,
      args: ["--enable-source-maps", this.#program],
      cwd: ROOT,
      env: {
        ...this.#env,
        CLICKHOUSE_URL: proxy.url,
        CONSUMER_GROUP: this.#random() < 0.45 ? "chaos" : `chaos-${number}`,
      },
      log: join(this.#stack.folder, `worker-${number}.log`),
    });
    const worker: Worker = { child, proxy, doomed: false, removed: false };
    this.#workers.add(worker);
    void child.ended.then((code) => this.#onEnd(worker, code));
    this.#doom(worker);
  }

  /**
   * How a worker is going to end: at an effect, at a random instant, or by one of the other troubles. Most instants count from its
   * first insert: what dies while it loads costs a start, and has proved little.
   */
  #doom(worker: Worker): void {
    const chance = this.#random();
    const within = (ms: number): NodeJS.Timeout =>
      setTimeout(() => this.#kill(worker, "at a random instant"), ms).unref();
    if (chance < 0.65) this.#arm(worker, true, 1 + Math.floor(this.#random() ** 2 * 4));
    else if (chance < 0.7) within(this.#random() * 6000);
    if (chance >= 0.9) return;
    const after = chance < 0.65 ? 6000 : this.#random() * 3000;
    worker.proxy.onFirstInsert = () => void within(after);
    within(30_000); // it may own nothing
  }

  /** A worker that ends by itself may do so for want of broker or engine, but has nothing to refuse; another takes its place. */
  #onEnd(worker: Worker, code: number): void {
    this.#workers.delete(worker);
    worker.proxy.close();
    if (!worker.doomed) {
      const { reason, refused } = code === 0 ? { reason: "ended well", refused: false } : lastWords(worker.child);
      this.#ended[reason] = (this.#ended[reason] ?? 0) + 1;
      if (refused) this.#refusals.push(`a worker refused to go on: ${reason}`);
    }
    if (this.#finishing || worker.removed) return;
    setTimeout(() => !this.#finishing && void this.#start(), this.#random() * 400);
  }

  async #end(worker: Worker, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    worker.doomed = true;
    worker.child.process.kill("SIGCONT"); // it may be frozen
    worker.child.process.kill(signal);
    await worker.child.ended;
  }

  /** Until there were enough kills, and every other trouble too. */
  async #troubleWorkers(traffic: Traffic, startedAt: number): Promise<void> {
    const { kills, say } = this.#options;
    const enough = (): boolean =>
      this.#kills >= kills && this.#stackTroubled && TROUBLES.every((trouble) => this.#hasMade(trouble));
    let told = Date.now();
    while (!enough() && !this.#finishing) {
      await sleep(500 + this.#random() * 4000);
      await this.#trouble();
      if (Date.now() - told < 10_000) continue;
      told = Date.now();
      const left = ((told - startedAt) / Math.max(1, this.#kills)) * Math.max(0, kills - this.#kills);
      say(
        `${this.#kills} of ${kills} kills, ${traffic.sent} records, ${this.#workers.size} workers` +
          `${this.#engineAway ? ", engine away" : ""}; about ${Math.round(left / 1000)} s left`,
      );
    }
  }

  async #trouble(): Promise<void> {
    const worker = this.#pick([...this.#workers]);
    if (!worker || worker.doomed) return;
    switch (TROUBLES[this.#troublesMade++ % TROUBLES.length]!) {
      case "insert lost":
        return this.#arm(worker, false, 1);
      case "worker frozen":
        return this.#freeze(worker);
      case "worker stopped":
        this.#count("worker stopped gracefully");
        return this.#end(worker, "SIGTERM");
      case "worker added":
        if (this.#workers.size > this.#options.workers) return; // one more than usual is enough
        this.#count("worker added");
        return this.#start();
      case "worker removed":
        if (this.#workers.size < this.#options.workers) return;
        this.#count("worker removed");
        worker.removed = true;
        return this.#end(worker, "SIGTERM");
    }
  }

  #kill(worker: Worker, how: string): void {
    if (worker.doomed || this.#finishing) return;
    worker.doomed = true;
    worker.child.process.kill("SIGCONT"); // it may be frozen
    worker.child.process.kill("SIGKILL");
    if (worker.proxy.inserts === 0) this.#count("killed before it stored anything (not counted)");
    else {
      this.#kills++;
      this.#count(`killed ${how}`);
    }
  }

  /** Makes something happen at the n-th insert into some table: the worker is killed, or only its connection is cut. */
  #arm(worker: Worker, kills: boolean, nth: number): void {
    const { table, moment } = kills ? EFFECTS[this.#effects++ % EFFECTS.length]! : this.#pick(LOSSES);
    const at = `${table}, ${moment}`;
    const spring = (): void => (kills ? this.#kill(worker, `at ${at}`) : this.#count(`insert lost at ${at}`));
    worker.proxy.arm({ table, moment, nth, spring });
  }

  /** Longer than its session lasts: others own its partitions when it wakes up, and writes what it still has. */
  #freeze(worker: Worker): void {
    this.#count("worker frozen past its session");
    worker.child.process.kill("SIGSTOP");
    setTimeout(() => worker.child.process.kill("SIGCONT"), 7000 + this.#random() * 3000);
  }

  /** Broker and engine have troubles of their own, meanwhile. */
  async #troubleStack(): Promise<void> {
    const { kills, brokerRestarts, outages, longestOutage } = this.#options;
    const at = (times: number): number[] => Array.from({ length: times }, () => this.#random() * kills * 0.95);
    const plan = [
      ...at(brokerRestarts).map((kill) => ({ kill, job: () => this.#restartBroker() })),
      ...at(outages).map((kill, i) => {
        const seconds = i === 0 ? longestOutage : longestOutage * this.#random() ** 3; // most are short
        return { kill, job: () => this.#engineOutage(seconds) };
      }),
    ].sort((a, b) => a.kill - b.kill);
    for (const { kill, job } of plan) {
      while (this.#kills < kill && !this.#finishing) await sleep(200);
      if (this.#finishing) return;
      await job();
    }
    this.#stackTroubled = true;
  }

  async #restartBroker(): Promise<void> {
    this.#count("broker restarted");
    await this.#stop(this.#stack.broker);
    await sleep(this.#random() * 3000);
    await this.#stack.startBroker();
  }

  async #engineOutage(seconds: number): Promise<void> {
    const frozen = this.#outages++ % 3 === 1; // taking turns: with two outages, each kind happens
    const trouble = frozen ? "engine frozen" : "engine away";
    this.#count(seconds > 20 ? `${trouble} for more than 20 s` : trouble);
    this.#engineAway = true;
    await (frozen ? this.#freezeEngine(seconds) : this.#restartEngine(seconds));
    this.#engineAway = false;
  }

  /** It takes questions, and answers none. */
  async #freezeEngine(seconds: number): Promise<void> {
    const { process } = this.#stack.engine.child;
    process.kill("SIGSTOP");
    await sleep(1000 + seconds * 1000);
    process.kill("SIGCONT");
  }

  async #restartEngine(seconds: number): Promise<void> {
    await this.#stop(this.#stack.engine);
    await sleep(1000 + seconds * 1000);
    await this.#stack.startEngine();
  }

  /** Gracefully or not. */
  async #stop({ child, stop }: Pick<Engine, "child" | "stop">): Promise<void> {
    if (this.#random() < 0.5) return stop();
    child.process.kill("SIGKILL");
    await child.ended;
  }

  async #finish(): Promise<void> {
    const child = startChild({
      name: "last worker",
      command: process.execPath,
      args: ["--enable-source-maps", this.#program, "--until-caught-up"],
      cwd: ROOT,
      env: { ...this.#env, CONSUMER_GROUP: "chaos-last" },
      log: join(this.#stack.folder, "last.log"),
    });
    if ((await child.ended) !== 0) throw new Error(`the last worker failed:\n${child.tail()}`);
  }

  async #compare(startedAt: number): Promise<ChaosReport> {
    const { KAFKA_BROKERS, EVENTS_TOPIC, PANES_TOPIC, CLICKHOUSE_DATABASE, SOURCE } = this.#config;
    const clickhouse = createClickHouse(this.#config, "chaos");
    try {
      const log = await readLog(KAFKA_BROKERS, EVENTS_TOPIC);
      const currencies = new Map(this.#config.STORES.map(({ id, currency }) => [id, currency]));
      const stored = await compareWithOracle(clickhouse, CLICKHOUSE_DATABASE, SOURCE, log, currencies);
      const flushes = await readLog(KAFKA_BROKERS, PANES_TOPIC);
      const told = await comparePublished(clickhouse, CLICKHOUSE_DATABASE, SOURCE, [...flushes.values()].flat());
      const problems = [...stored.problems, ...told.problems, ...this.#refusals];
      this.#evidence = problems.length > 0;
      return {
        kills: this.#kills,
        troubles: this.#troubles,
        ended: this.#ended,
        seconds: (Date.now() - startedAt) / 1000,
        records: stored.records,
        rows: stored.rows,
        published: told.rows,
        problems,
      };
    } finally {
      await clickhouse.close();
    }
  }
}
