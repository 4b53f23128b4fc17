// What a test against the real stack needs: names of its own, so that tests never meet, and processes that end with it.
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inject, onTestFinished } from "vitest";
import { createClickHouse, type ClickHouseClient } from "../../clickhouse/client.ts";
import { startChild, untilReady, type Child } from "../../local/child.ts";
import { freePort } from "../../local/free-port.ts";
import { ROOT } from "../../local/paths.ts";
import { readConfig, type Config } from "../../runtime/config.ts";

export interface World {
  /** Environment for processes: topics, group and databases that no other test uses. */
  readonly env: Record<string, string>;
  readonly config: Config;
  readonly clickhouse: ClickHouseClient;
  /** A temporary folder. */
  readonly folder: string;
  /** Runs one of our programs as a real process. */
  start(file: string, args?: readonly string[], env?: Record<string, string>): Child;
  startWorker(env?: Record<string, string>): Promise<Child>;
  startGateway(env?: Record<string, string>): Promise<{ child: Child; url: string }>;
  startCollector(env?: Record<string, string>): Promise<{ child: Child; url: string }>;
  /** Ends everything and drops the databases. */
  end(): Promise<void>;
}

/** A world on the run's broker and ClickHouse. The caller ends it. */
export async function openWorld(overrides: Record<string, string> = {}): Promise<World> {
  const id = randomUUID().slice(0, 8);
  const folder = await mkdtemp(join(tmpdir(), "tidemark-world-"));
  const env: Record<string, string> = {
    KAFKA_BROKERS: inject("kafkaBrokers"),
    CLICKHOUSE_URL: inject("clickhouseUrl"),
    EVENTS_TOPIC: `events-${id}`,
    DEAD_LETTERS_TOPIC: `dead-letters-${id}`,
    PANES_TOPIC: `panes-${id}`,
    EVENTS_PARTITIONS: "4",
    CONSUMER_GROUP: `group-${id}`,
    CLICKHOUSE_DATABASE: `t${id}`,
    CLICKHOUSE_ANALYTICS: `a${id}`,
    LOG_LEVEL: "info",
    ...overrides,
  };
  const config = readConfig(env);
  const clickhouse = createClickHouse(config, "test");
  const children: Child[] = [];

  const start: World["start"] = (file, args = [], more = {}) => {
    const name = `${file.replaceAll("/", "-")}-${children.length}`;
    const child = startChild({
      name,
      command: process.execPath,
      args: ["--import", "tsx", file, ...args],
      cwd: ROOT,
      env: { ...env, ...more },
      log: join(folder, `${name}.log`),
    });
    children.push(child);
    return child;
  };
  const startServer = async (
    file: string,
    setting: "GATEWAY_PORT" | "COLLECTOR_PORT",
    more: Record<string, string>,
  ): Promise<{ child: Child; url: string }> => {
    const port = await freePort(Number(more[setting] ?? 0));
    const child = start(file, [], { ...more, [setting]: String(port) });
    const url = `http://127.0.0.1:${port}`;
    await untilReady(child, async () => (await fetch(`${url}/healthz`)).ok, 60_000);
    return { child, url };
  };
  return {
    env,
    config,
    clickhouse,
    folder,
    start,
    startWorker: async (more = {}) => {
      const port = await freePort();
      const child = start("stream/main.ts", [], { WORKER_PORT: String(port), ...more });
      await untilReady(child, async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok, 60_000);
      return child;
    },
    startGateway: (more = {}) => startServer("gateway/main.ts", "GATEWAY_PORT", more),
    startCollector: (more = {}) => startServer("producers/collect.ts", "COLLECTOR_PORT", more),
    end: async () => {
      await Promise.all(children.map((child) => child.stop()));
      for (const database of [config.CLICKHOUSE_DATABASE, config.CLICKHOUSE_ANALYTICS])
        await clickhouse.command({ query: `DROP DATABASE IF EXISTS ${database}` }).catch(() => undefined);
      await clickhouse.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A world that ends with the test that asks for it. */
export async function worldOfTest(overrides: Record<string, string> = {}): Promise<World> {
  const world = await openWorld(overrides);
  onTestFinished(() => world.end());
  return world;
}

/** Polls until `ask` answers something other than null or false. Throws with `what` when `ms` have passed. */
export async function eventually<T>(what: string, ask: () => Promise<T | null | false>, ms = 60_000): Promise<T> {
  const deadline = Date.now() + ms;
  let last: unknown = null;
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== null && answer !== false) return answer;
    } catch (error) {
      last = error;
    }
    await sleep(150);
  }
  throw new Error(`not within ${ms / 1000} s: ${what}`, { cause: last });
}
