// What Prometheus reads of a collector.
import { Counter, Gauge, Registry, collectDefaultMetrics } from "prom-client";
import { COLLECTED_TYPES, type Rejection } from "../contract/collect.ts";

export class CollectorMetrics {
  readonly #registry = new Registry();
  readonly #events: Counter<"type" | "outcome">;
  readonly #requests: Counter<"status">;
  readonly #lost: Counter;

  /** `kafkaAnswers` is looked at when /metrics is asked. */
  constructor(kafkaAnswers: () => boolean) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#events = new Counter({
      name: "tidemark_collector_events_total",
      help: "Events by type and outcome: accepted, unacknowledged (Kafka was away; they come again), or why not",
      labelNames: ["type", "outcome"],
      registers,
    });
    this.#requests = new Counter({
      name: "tidemark_collector_requests_total",
      help: "Requests by status",
      labelNames: ["status"],
      registers,
    });
    this.#lost = new Counter({
      name: "tidemark_collector_lost_events_total",
      help: "Events that pages had to let go for want of room, as they say themselves",
      registers,
    });
    const up: Gauge = new Gauge({
      name: "tidemark_collector_kafka_up",
      help: "1: Kafka acknowledged what it was given last",
      registers,
      collect: () => up.set(Number(kafkaAnswers())),
    });
  }

  /** A type that nobody knows is "other": labels must not be anybody's to invent. */
  event(type: unknown, outcome: Rejection | "accepted" | "unacknowledged"): void {
    const known = COLLECTED_TYPES.find((name) => name === type);
    this.#events.inc({ type: known ?? "other", outcome });
  }

  request(status: number): void {
    this.#requests.inc({ status: String(status) });
  }

  lost(events: number): void {
    this.#lost.inc(events);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
