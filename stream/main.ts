// A stream worker as a process: wires the fold to Kafka and ClickHouse. Start as many as there are partitions.
import { hostname } from "node:os";
import { createClickHouse } from "../clickhouse/client.ts";
import { migrate } from "../clickhouse/migrate.ts";
import { EventDecoder } from "../producers/contract/codec.ts";
import { listen } from "../runtime/http-server.ts";
import { createKafka, ensureTopics } from "../runtime/kafka.ts";
import { command, runProcess, untilStopped, type Running } from "../runtime/process.ts";
import { whenReachable } from "../runtime/reachable.ts";
import { caughtUp } from "./io/caught-up.ts";
import { Publisher } from "./io/panes-topic.ts";
import { SchemaRegistry } from "./io/schema-registry.ts";
import { Storage } from "./io/storage.ts";
import { workerApp } from "./io/worker-http.ts";
import { Worker } from "./io/worker.ts";

const options = command("stream", "Folds shop events into panes, sessions and orders, and stores and publishes them.")
  .option("--until-caught-up", "end when everything in the topic at the start is folded and stored")
  .parse()
  .opts<{ untilCaughtUp?: true }>();

await runProcess("stream", async (running: Running) => {
  const { config, log, fail, onStop, stopping } = running;
  const kafka = createKafka(config, log, "tidemark-stream");
  const clickhouse = createClickHouse(config, "tidemark-stream");
  onStop("the ClickHouse client", () => clickhouse.close());
  // a run that is to end says at once what it lacks
  const reach = <T>(attempt: () => Promise<T>): Promise<T> =>
    options.untilCaughtUp ? attempt() : whenReachable(running, attempt);
  await reach(() =>
    ensureTopics(kafka, [
      { name: config.EVENTS_TOPIC, role: "events", partitions: config.EVENTS_PARTITIONS },
      { name: config.DEAD_LETTERS_TOPIC, role: "deadLetters", partitions: 1 },
      { name: config.PANES_TOPIC, role: "panes", partitions: 1 },
    ]),
  );
  const databases = { db: config.CLICKHOUSE_DATABASE, analytics: config.CLICKHOUSE_ANALYTICS };
  const applied = await reach(() => migrate(clickhouse, databases, config.STORES));
  if (applied.length > 0) log.info({ applied }, `applied ${applied.length} migrations`);

  const topics = { panes: config.PANES_TOPIC, deadLetters: config.DEAD_LETTERS_TOPIC };
  const publisher = new Publisher(kafka, topics, config.SOURCE);
  await reach(() => publisher.connect());
  onStop("the publisher", () => publisher.disconnect());
  const registry = {
    url: config.SCHEMA_REGISTRY_URL,
    user: config.SCHEMA_REGISTRY_USER,
    password: config.SCHEMA_REGISTRY_PASSWORD,
  };
  const decoder = new EventDecoder({ registry: registry.url !== "" });
  const schemas = registry.url === "" ? null : new SchemaRegistry(decoder, registry, log);
  const worker = new Worker(
    {
      name: `${hostname()}-${process.pid}`,
      topic: config.EVENTS_TOPIC,
      source: config.SOURCE,
      group: config.CONSUMER_GROUP,
      flushMs: config.FLUSH_MS,
      publishMs: config.PUBLISH_MS,
      decoder,
      currencies: new Map(config.STORES.map(({ id, currency }) => [id, currency])),
      rawEvents: config.RAW_EVENTS,
    },
    {
      kafka,
      storage: new Storage(clickhouse, config.CLICKHOUSE_DATABASE, config.SOURCE),
      publisher,
      schemas,
      log,
      fail,
    },
  );
  const { port, server } = await listen(workerApp(worker).fetch, config.WORKER_HOST, config.WORKER_PORT, "WORKER_PORT");
  onStop("the health server", () => void server.close());
  await reach(() => worker.connect());
  await worker.start();
  onStop("the worker", () => worker.stop());
  log.info({ source: config.SOURCE, health: `http://${config.WORKER_HOST}:${port}/healthz` }, "consuming");

  if (options.untilCaughtUp) await caughtUp(worker, log, stopping);
  else await untilStopped(stopping);
});
