// Shop traffic for a run of chaos, in real time: mostly a busy shop's, some of it nasty (late by days, repeated, unreadable).
import { setTimeout as sleep } from "node:timers/promises";
import { Partitioners, type Kafka, type Producer } from "kafkajs";
import { USUAL, workload, type Message } from "../../bench/workload.ts";
import { randomLog, randomOf } from "../support/random-log.ts";

const TICK_MS = 50;
const NASTY = 0.1;

/** Store ids that the traffic names; others of it are dead letters. */
export const STORES = "shop|Shop|Europe/London|GBP;a|A|Europe/London|GBP;b|B|UTC|EUR";

export class Traffic {
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #perSecond: number;
  readonly #events: Generator<Message>;
  readonly #nasty: Generator<Message>;
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<unknown> = Promise.resolve();
  #waiting: Message[] = [];
  /** Records that Kafka has acknowledged. */
  sent = 0;

  constructor(kafka: Kafka, topic: string, perSecond: number, seed: number) {
    this.#producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: true });
    this.#topic = topic;
    this.#perSecond = perSecond;
    const usual = perSecond * (1 - NASTY); // so that event time keeps pace with the clock
    const load = {
      ...USUAL,
      events: Infinity,
      openSessions: Math.ceil(usual * 5),
      perSecond: usual,
      seed,
      from: Date.now(),
    };
    this.#events = workload(load);
    this.#nasty = nasty(seed);
  }

  async start(): Promise<void> {
    await this.#producer.connect();
    const startedAt = Date.now();
    let made = 0;
    this.#timer = setInterval(() => {
      for (const due = ((Date.now() - startedAt) / 1000) * this.#perSecond; made < due; made++)
        this.#waiting.push((made % 1000 < NASTY * 1000 ? this.#nasty : this.#events).next().value as Message);
      this.#sending = this.#sending.then(() => this.#send());
    }, TICK_MS);
  }

  /** Resolves when all that was made is acknowledged. */
  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#sending;
    for (let i = 0; i < 100 && this.#waiting.length > 0; i++) await this.#send();
    await this.#producer.disconnect();
    if (this.#waiting.length > 0) throw new Error(`Kafka did not take the last ${this.#waiting.length} records`);
  }

  async #send(): Promise<void> {
    const messages = this.#waiting.slice(0, 10_000);
    if (messages.length === 0) return;
    try {
      const plain = messages.map(({ key, value }) => ({ key, value }));
      await this.#producer.send({ topic: this.#topic, acks: -1, messages: plain });
      this.#waiting = this.#waiting.slice(messages.length);
      this.sent += messages.length;
    } catch {
      await sleep(500); // the broker is away; a repeat is a duplicate, and counts as one
    }
  }
}

function* nasty(seed: number): Generator<Message> {
  for (let log = seed; ; log++)
    for (const { value, timestamp } of randomLog(randomOf(log), 300))
      yield { key: `nasty-${log % 11}`, value: value!, timestamp, isOrder: false };
}
