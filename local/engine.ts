// The real ClickHouse engine on this machine, without a server's installation: chDB behind ClickHouse's HTTP interface.
import { join } from "node:path";
import { startChild, untilReady, type Child } from "./child.ts";
import { freePort } from "./free-port.ts";
import { ROOT } from "./paths.ts";

export interface Engine {
  /** For CLICKHOUSE_URL. */
  readonly url: string;
  readonly child: Child;
  readonly stop: () => Promise<void>;
}

export interface EngineOptions {
  readonly dataDir: string;
  /** Wanted port; where it is taken, any free one. */
  readonly port?: number;
  readonly log: string;
}

/** Starts the engine on `dataDir`; resolves when it answers. */
export async function startEngine({ dataDir, port, log }: EngineOptions): Promise<Engine> {
  const at = await freePort(port);
  const url = `http://127.0.0.1:${at}`;
  const main = join(ROOT, "local/engine/main.ts");
  const child = startChild({
    name: "ClickHouse engine",
    command: process.execPath,
    args: ["--import", "tsx", main, "--data", dataDir, "--port", String(at)],
    cwd: ROOT,
    env: { UV_THREADPOOL_SIZE: "8" }, // each of its connections at work holds a thread
    log,
  });
  await untilReady(
    child,
    async () => (await fetch(`${url}/ping`)).headers.get("x-tidemark-pid") === String(child.pid),
    60_000,
  );
  return { url, child, stop: () => child.stop(10_000) };
}
