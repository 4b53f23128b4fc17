// Steady traffic through real workers, watched from kpi.panes: what recovery and soak are measured on.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Kafka, logLevel, type Consumer } from "kafkajs";
import { startChild, untilReady, type Child } from "../../local/child.ts";
import { freePort } from "../../local/free-port.ts";
import { ROOT } from "../../local/paths.ts";
import { ScratchStack } from "../../local/scratch-stack.ts";
import { ensureTopics } from "../../runtime/kafka.ts";
import { decodeFlush } from "../../stream/contract/flush-codec.ts";
import type { Flush } from "../../stream/contract/flush.ts";
import { STORES, Traffic } from "./traffic.ts";

const TOPICS = { EVENTS_TOPIC: "events", PANES_TOPIC: "panes", DEAD_LETTERS_TOPIC: "dead-letters" };

export interface Program {
  readonly child: Child;
  readonly url: string;
}

export class Steady {
  readonly partitions: number;
  readonly #stack: ScratchStack;
  readonly #kafka: Kafka;
  readonly #consumer: Consumer;
  readonly #traffic: Traffic;
  /** The newest word of each partition. */
  readonly heard = new Map<number, Flush>();

  private constructor(perSecond: number, partitions: number, stack: ScratchStack) {
    this.partitions = partitions;
    this.#stack = stack;
    this.#kafka = new Kafka({ brokers: [stack.broker.brokers], logLevel: logLevel.NOTHING });
    this.#consumer = this.#kafka.consumer({ groupId: randomUUID(), maxWaitTimeInMs: 20 });
    this.#traffic = new Traffic(this.#kafka, TOPICS.EVENTS_TOPIC, perSecond, 1);
  }

  static async open(perSecond: number, partitions: number, say: (line: string) => void): Promise<Steady> {
    process.env["KAFKAJS_NO_PARTITIONER_WARNING"] = "1";
    return new Steady(perSecond, partitions, await ScratchStack.open("steady", say));
  }

  async start(): Promise<void> {
    await ensureTopics(this.#kafka, [
      { name: TOPICS.EVENTS_TOPIC, role: "events", partitions: this.partitions },
      { name: TOPICS.PANES_TOPIC, role: "panes", partitions: 1 },
    ]);
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topic: TOPICS.PANES_TOPIC, fromBeginning: true });
    await this.#consumer.run({
      eachMessage: ({ message }) => {
        const flush = decodeFlush(message.value!);
        if (flush) this.heard.set(flush.partition, flush);
        return Promise.resolve();
      },
    });
    await this.#traffic.start();
  }

  async close(): Promise<void> {
    await this.#traffic.stop();
    await this.#consumer.disconnect();
    await this.#stack.close();
  }

  startWorker(): Promise<Program> {
    return this.#startProgram("stream/main.ts", "WORKER_PORT");
  }

  startGateway(): Promise<Program> {
    return this.#startProgram("gateway/main.ts", "GATEWAY_PORT");
  }

  /** Every partition was heard from after `since`, and has folded what Kafka got up to a second ago. */
  caughtUp(since: number): boolean {
    const now = Date.now();
    if (this.heard.size < this.partitions) return false;
    return [...this.heard.values()].every(
      ({ publishedAt, lastAppendTime }) => publishedAt > since && now - (lastAppendTime ?? 0) <= 1000,
    );
  }

  /** Records that are not folded yet, as far as the partitions say. */
  get lag(): number {
    return [...this.heard.values()].reduce((sum, { logEnd, position }) => sum + logEnd - position, 0);
  }

  get sent(): number {
    return this.#traffic.sent;
  }

  async #startProgram(file: string, port: string): Promise<Program> {
    const at = await freePort();
    const child = startChild({
      name: file,
      command: process.execPath,
      args: ["--max-semi-space-size=64", "--import", "tsx", join(ROOT, file)],
      cwd: ROOT,
      env: {
        ...TOPICS,
        KAFKA_BROKERS: this.#stack.broker.brokers,
        CLICKHOUSE_URL: this.#stack.engine.url,
        CONSUMER_GROUP: "steady",
        STORES,
        [port]: String(at),
      },
      log: join(this.#stack.folder, `${at}.log`),
    });
    const url = `http://127.0.0.1:${at}`;
    await untilReady(child, async () => (await fetch(`${url}/healthz`)).ok, 60_000);
    return { child, url };
  }
}
