// A worker's own small HTTP face: /healthz for whoever runs it, /metrics for Prometheus.
import { serve, type ServerType } from "@hono/node-server";
import { Hono } from "hono";
import { Gauge, Registry, collectDefaultMetrics } from "prom-client";
import { VERDICTS } from "../contract/accounting.ts";
import type { Worker } from "./worker.ts";

export function workerApp(worker: Worker): Hono {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const labelNames = ["partition"];
  const registers = [registry];
  const position = new Gauge({
    name: "tidemark_position",
    help: "Offset of the next record to fold",
    labelNames,
    registers,
  });
  const lag = new Gauge({ name: "tidemark_lag_records", help: "Records not folded yet", labelNames, registers });
  const watermark = new Gauge({
    name: "tidemark_watermark_seconds",
    help: "Watermark, s since 1970",
    labelNames,
    registers,
  });
  const pending = new Gauge({
    name: "tidemark_pending_bytes",
    help: "Bytes of records not stored yet",
    labelNames,
    registers,
  });
  const live = new Gauge({ name: "tidemark_live_sessions", help: "Sessions in memory", labelNames, registers });
  const records = new Gauge({
    name: "tidemark_records",
    help: "Records by verdict; their sum is what was consumed",
    labelNames: [...labelNames, "verdict"],
    registers,
  });
  const app = new Hono();
  app.get("/healthz", (c) => c.json({ ok: true, partitions: worker.owned.map(({ partition }) => partition) }));
  app.get("/metrics", async (c) => {
    for (const owned of worker.owned) {
      const label = { partition: String(owned.partition) };
      const { counters, watermark: at } = owned.fold.standing;
      position.set(label, owned.fold.position);
      lag.set(label, owned.lag);
      watermark.set(label, Number.isFinite(at) ? at / 1000 : 0);
      pending.set(label, owned.fold.pendingBytes);
      live.set(label, owned.fold.memory.sessions.size);
      for (const verdict of VERDICTS) records.set({ ...label, verdict }, counters[verdict]);
    }
    return c.body(await registry.metrics(), 200, { "content-type": registry.contentType });
  });
  return app;
}

/** Resolves when it listens, with its port. */
export function serveWorker(worker: Worker, host: string, port: number): Promise<{ port: number; server: ServerType }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: workerApp(worker).fetch, hostname: host, port }, (info) =>
      resolve({ port: info.port, server }),
    );
    server.once("error", reject);
  });
}
