// A worker's own small HTTP face: /healthz for whoever runs it, /metrics for Prometheus.
import { Hono } from "hono";
import { Counter, Gauge, Registry, collectDefaultMetrics } from "prom-client";
import { VERDICTS } from "../contract/accounting.ts";
import type { OwnedPartition } from "./owned-partition.ts";
import type { Worker } from "./worker.ts";

/** By partition. */
const GAUGES: readonly (readonly [name: string, help: string, of: (owned: OwnedPartition) => number])[] = [
  ["tidemark_position", "Offset of the next record to fold", ({ fold }) => fold.position],
  ["tidemark_lag_records", "Records not folded yet", ({ lag }) => lag],
  ["tidemark_watermark_seconds", "Watermark, s since 1970; 0 before the first record", watermarkSeconds],
  ["tidemark_pending_bytes", "Bytes of records not stored yet", ({ fold }) => fold.pendingBytes],
  ["tidemark_live_sessions", "Sessions in memory", ({ fold }) => fold.memory.sessions.size],
];

function watermarkSeconds({ fold }: OwnedPartition): number {
  const { watermark } = fold.standing;
  return Number.isFinite(watermark) ? watermark / 1000 : 0;
}

export function workerApp(worker: Worker): Hono {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const gauges = GAUGES.map(([name, help, of]) => ({
    gauge: new Gauge({ name, help, labelNames: ["partition"], registers }),
    of,
  }));
  const records = new Counter({
    name: "tidemark_records_total",
    help: "Records by verdict, since the topic's first; their sum is what was consumed",
    labelNames: ["partition", "verdict"],
    registers,
  });
  const app = new Hono();
  app.get("/healthz", (c) => c.json({ ok: true, partitions: worker.owned.map(({ partition }) => partition) }));
  app.get("/metrics", async (c) => {
    // from the start each time: a partition that another owns now must not be told as it was
    for (const { gauge } of gauges) gauge.reset();
    records.reset();
    for (const owned of worker.owned) {
      const partition = String(owned.partition);
      for (const { gauge, of } of gauges) gauge.set({ partition }, of(owned));
      const { counters } = owned.fold.standing;
      for (const verdict of VERDICTS) records.inc({ partition, verdict }, counters[verdict]);
    }
    return c.body(await registry.metrics(), 200, { "content-type": registry.contentType });
  });
  return app;
}
