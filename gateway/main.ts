// The gateway as a process: wires Kafka, ClickHouse and the built UI. Start as many as needed, behind any balancer.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createClickHouse } from "../clickhouse/client.ts";
import { createKafka } from "../runtime/kafka.ts";
import { command, runProcess, untilStopped } from "../runtime/process.ts";
import { startGateway } from "./io/gateway.ts";
import { Storage } from "./io/storage.ts";
import { buildId } from "./io/ui-files.ts";

command("gateway", "Serves the wall and the API; pushes live figures over Socket.IO.").parse();

const ui = fileURLToPath(new URL("../dist/ui", import.meta.url));
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

await runProcess("gateway", async ({ config, log, onStop, stopping }) => {
  const clickhouse = createClickHouse(config, "tidemark-gateway");
  onStop("the ClickHouse client", () => clickhouse.close());
  const { port, stop } = await startGateway(
    {
      host: config.GATEWAY_HOST,
      port: config.GATEWAY_PORT,
      panesTopic: config.PANES_TOPIC,
      home: config.SOURCE,
      stores: config.STORES,
      build: buildId(ui, version),
      ui,
    },
    {
      kafka: createKafka(config, log, "tidemark-gateway"),
      storage: new Storage(clickhouse, config.CLICKHOUSE_DATABASE),
      log,
      now: Date.now,
    },
  );
  onStop("the gateway", stop);
  log.info({ url: `http://${config.GATEWAY_HOST}:${port}/wall` }, "serving");
  await untilStopped(stopping);
});
