// npm run collect: takes events from web pages and writes them to the events topic. Start as many as needed, behind any balancer.
import { existsSync, readFileSync } from "node:fs";
import { listen } from "../runtime/http-server.ts";
import { createKafka, ensureTopics } from "../runtime/kafka.ts";
import { command, runProcess, untilStopped } from "../runtime/process.ts";
import { clientAddress } from "./io/client-address.ts";
import { collectorApp } from "./io/collector-app.ts";
import { KafkaAppender } from "./io/kafka-append.ts";

command("collect", "Takes events from web pages over HTTP, and serves the snippet that sends them.").parse();

const SNIPPET = new URL("../dist/web/tidemark.js", import.meta.url);

await runProcess("collector", async ({ config, log, onStop, stopping }) => {
  const kafka = createKafka(config, log, "tidemark-collector");
  const topic = config.EVENTS_TOPIC;
  await ensureTopics(kafka, [{ name: topic, role: "events", partitions: config.EVENTS_PARTITIONS }]);
  const appender = new KafkaAppender(kafka, topic, log);
  await appender.connect();
  onStop("the producer", () => appender.close());

  const snippet = existsSync(SNIPPET) ? readFileSync(SNIPPET, "utf8") : null;
  const app = collectorApp(
    {
      stores: new Set(config.STORES.map(({ id }) => id)),
      origins: config.COLLECTOR_ORIGINS,
      eventsPerMinute: config.COLLECTOR_EVENTS_PER_MINUTE,
      countryHeader: config.COLLECTOR_COUNTRY_HEADER,
      snippet,
    },
    {
      append: appender.append,
      kafkaAnswers: () => appender.answers,
      addressOf: (c) => clientAddress(c, config.COLLECTOR_TRUST_PROXY),
      log,
      now: Date.now,
    },
  );
  const host = config.COLLECTOR_HOST;
  const { port, drain } = await listen(app.fetch, host, config.COLLECTOR_PORT, "COLLECTOR_PORT");
  onStop("the HTTP server", drain);
  const url = `http://${host}:${port}`;
  log.info({ url, snippet: `${url}/tidemark.js`, origins: config.COLLECTOR_ORIGINS }, "collecting");
  if (snippet === null) log.warn("the snippet is not built: npm run build");
  await untilStopped(stopping);
});
