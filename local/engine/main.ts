// The ClickHouse engine as a process of its own: node --import tsx local/engine/main.ts --data DIR --port N
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Session } from "chdb";
import { Command } from "commander";
import { lockFolder } from "../lock.ts";
import { Lanes } from "./lanes.ts";
import { createEngineServer } from "./server.ts";

const options = new Command("engine")
  .description("ClickHouse's HTTP interface on 127.0.0.1, over the engine as a library.")
  .requiredOption("--data <dir>", "folder of its data; one process at a time")
  .requiredOption("--port <n>", "port to listen on", Number)
  .parse()
  .opts<{ data: string; port: number }>();

mkdirSync(options.data, { recursive: true });
const unlock = lockFolder(options.data, "engine");
const lanes = new Lanes(() => new Session(join(options.data, "clickhouse")));
const server = createEngineServer(lanes, join(options.data, "spool"));

let ending = false;
function end(): void {
  if (ending) return;
  ending = true;
  server.close(() => {
    lanes.close();
    unlock();
    process.exit(0);
  });
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), 2000).unref();
}
process.on("SIGTERM", end);
process.on("SIGINT", end);

server.listen(options.port, "127.0.0.1", () =>
  process.stdout.write(`ClickHouse engine on 127.0.0.1:${options.port}\n`),
);
