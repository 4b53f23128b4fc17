// The whole system on this machine: broker, engine, worker, gateway and a simulated shop, each a process of its own.
import { createInterface } from "node:readline/promises";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { notNegative, wholeFrom } from "../runtime/arguments.ts";
import { currentRun } from "../runtime/local-run.ts";
import { startBroker } from "./broker.ts";
import type { Child } from "./child.ts";
import { startEngine } from "./engine.ts";
import { freePort } from "./free-port.ts";
import { HistoryProgress } from "./history-progress.ts";
import { DATA, HOME, LOGS } from "./paths.ts";
import { removeRun, writeRun } from "./run-file.ts";
import { ensureUi, healthy, startProgram } from "./services.ts";

const DEFAULT_PORTS = { gateway: 8080, kafka: 9092, clickhouse: 8123 };

const options = new Command("npm start --")
  .description("Brings up the whole of Tidemark on this machine, with a simulated shop and the wall on one URL.")
  .option("--stack", "only a Kafka broker and the ClickHouse engine, for development")
  .option("--no-simulator", "no simulated traffic")
  .option("--days <n>", "days of history that the simulated shop writes at its first start", notNegative, 15)
  .option(
    "--port <n>",
    `port of the wall; by default that of last time, at first ${DEFAULT_PORTS.gateway}`,
    wholeFrom(0),
  )
  .option("--reset", "delete all data of this checkout, after asking")
  .option("--yes", "with --reset: do not ask")
  .addHelpText("after", "\nKAFKA_BROKERS or CLICKHOUSE_URL in the environment: that one is used, none of ours started.")
  .parse()
  .opts<{ stack?: true; simulator: boolean; days: number; port?: number; reset?: true; yes?: true }>();

const startedAt = Date.now();
const children: { child: Child; what: string }[] = [];
const stops: (() => Promise<void>)[] = [];
let ending: Promise<never> | null = null;

function say(text: string): void {
  console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}

/** What has not ended by then is killed. */
const STOPPED_WITHIN_MS = 4500;
/** For one of our programs, so that the broker and the engine, which come last, have time to close their files. */
const PROGRAM_STOPS_WITHIN_MS = 1000;

/** Stops everything, last started first, and leaves. */
function end(code: number): Promise<never> {
  ending ??= (async () => {
    say("stopping");
    setTimeout(() => {
      say("not everything stopped in time; the rest is killed");
      for (const { child } of children) child.process.kill("SIGKILL");
    }, STOPPED_WITHIN_MS);
    for (const stop of stops.toReversed()) await stop();
    removeRun();
    say("everything has stopped");
    process.exit(code);
  })();
  return ending;
}

/** A program that ends by itself is started again, as whoever runs it in earnest would do; so often within a minute at most. */
const RESTARTS_A_MINUTE = 5;

/** From now on one such program runs, until all are stopped. The first is started already. */
function keepRunning(first: Child, what: string, start: () => Child): void {
  const entry = { child: first, what };
  children.push(entry);
  stops.push(() => entry.child.stop(PROGRAM_STOPS_WITHIN_MS));
  const ends: number[] = [];
  const watchOver = async (): Promise<void> => {
    for (;;) {
      const { child } = entry;
      const code = await child.ended;
      if (ending) return;
      ends.push(Date.now());
      if (ends.filter((at) => at > Date.now() - 60_000).length > RESTARTS_A_MINUTE) return endedByItself(child, code);
      const { signalCode } = child.process;
      const how = signalCode === null ? `ended by itself (code ${code})` : `was killed (${signalCode})`;
      entry.child = start();
      say(`the ${child.name} ${how}; another is started, pid ${entry.child.pid}`);
    }
  };
  void watchOver();
}

/** From now on the child is stopped with the rest, and its end ends the rest. */
function keep(child: Child, what: string, stop: () => Promise<void> = () => child.stop(PROGRAM_STOPS_WITHIN_MS)): void {
  children.push({ child, what });
  stops.push(stop);
  void watch(child);
}

async function watch(child: Child): Promise<void> {
  const code = await child.ended;
  if (!ending) endedByItself(child, code);
}

function endedByItself(child: Child, code: number): void {
  console.error(
    `\nThe ${child.name} ended by itself (code ${code}). The end of its log, ${child.log}:\n${child.tail()}`,
  );
  void end(1);
}

async function reset(): Promise<void> {
  const run = currentRun();
  if (run) throw new Error(`Tidemark is running here (process ${run.pid}). Stop it before its data are deleted.`);
  if (!existsSync(DATA)) return console.log("There are no data to delete.");
  if (!options.yes) {
    const asking = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await asking.question(`Delete all data under ${DATA}? [y/N] `);
    asking.close();
    if (!/^y(es)?$/i.test(answer.trim())) return console.log("Nothing was deleted.");
  }
  for (const folder of [DATA, LOGS, join(HOME, "replay")]) rmSync(folder, { recursive: true, force: true });
  console.log("The data are deleted.");
}

const PORTS_FILE = join(DATA, "ports.json");

/** Same ports as last time, where they are free. */
function lastPorts(): typeof DEFAULT_PORTS {
  try {
    return { ...DEFAULT_PORTS, ...(JSON.parse(readFileSync(PORTS_FILE, "utf8")) as Partial<typeof DEFAULT_PORTS>) };
  } catch {
    return DEFAULT_PORTS;
  }
}

/** Notes the port that one part got, and says so where it is not the one that was wanted. */
function tookPort(part: keyof typeof DEFAULT_PORTS, wanted: number, got: number): void {
  if (got !== wanted) say(`port ${wanted} is taken: ${part} is on ${got}`);
  mkdirSync(DATA, { recursive: true });
  writeFileSync(PORTS_FILE, JSON.stringify({ ...lastPorts(), [part]: got }));
}

async function startStack(env: Record<string, string>): Promise<void> {
  const ports = lastPorts();
  const kafka = async (): Promise<void> => {
    const broker = await startBroker({
      dataDir: join(DATA, "kafka"),
      port: ports.kafka,
      log: join(LOGS, "kafka.log"),
      say,
    });
    keep(broker.child, "keeps the log of events", broker.stop);
    env["KAFKA_BROKERS"] = broker.brokers;
    tookPort("kafka", ports.kafka, Number(broker.brokers.split(":")[1]));
    say(`Kafka broker on ${broker.brokers}`);
  };
  const clickhouse = async (): Promise<void> => {
    const options = { dataDir: join(DATA, "clickhouse"), port: ports.clickhouse, log: join(LOGS, "clickhouse.log") };
    const engine = await startEngine(options);
    keep(engine.child, "keeps the history", engine.stop);
    env["CLICKHOUSE_URL"] = engine.url;
    tookPort("clickhouse", ports.clickhouse, Number(new URL(engine.url).port));
    say(`ClickHouse engine on ${engine.url}`);
  };
  const ours: Promise<void>[] = [];
  if (env["KAFKA_BROKERS"] === undefined) ours.push(kafka());
  if (env["CLICKHOUSE_URL"] === undefined) ours.push(clickhouse());
  await Promise.all(ours);
}

async function startSystem(env: Record<string, string>): Promise<string> {
  if (await ensureUi()) say("the ui is built");
  const workerPort = await freePort();
  const wanted = options.port ?? lastPorts().gateway;
  const gatewayPort = await freePort(wanted);
  tookPort("gateway", wanted, gatewayPort);
  const startWorker = (): Child =>
    startProgram("stream worker", "stream/main.ts", [], { ...env, WORKER_PORT: String(workerPort) });
  const worker = startWorker();
  keepRunning(worker, "folds events into panes", startWorker);
  await healthy(worker, workerPort);
  say("stream worker is up");
  const startGateway = (): Child =>
    startProgram("gateway", "gateway/main.ts", [], { ...env, GATEWAY_PORT: String(gatewayPort) });
  const gateway = startGateway();
  keepRunning(gateway, "serves the wall", startGateway);
  await healthy(gateway, gatewayPort);
  say("gateway is up");
  if (options.simulator) {
    const state = join(DATA, "simulator.json");
    if (!existsSync(state))
      say(`first start: the simulated shop writes ${options.days} days of its past, which takes about a minute`);
    const progress = new HistoryProgress();
    const args = ["--history-days", String(options.days), "--follow", "--state", state];
    const simulator = startProgram("simulator", "producers/simulate.ts", args, env, (text) => progress.take(text));
    keep(simulator, "is the shop");
    stops.push(() => Promise.resolve(progress.end()));
    say("simulator is up");
  }
  return `http://127.0.0.1:${gatewayPort}/wall`;
}

async function main(): Promise<void> {
  if (options.reset) return reset();
  const run = currentRun();
  if (run) throw new Error(`Tidemark is running here already, as process ${run.pid}${run.url ? `: ${run.url}` : ""}`);
  process.on("SIGINT", () => void end(0));
  process.on("SIGTERM", () => void end(0));
  process.on("disconnect", () => void end(1)); // start.mjs was killed outright
  const env: Record<string, string> = {};
  for (const name of ["KAFKA_BROKERS", "CLICKHOUSE_URL"]) {
    const value = process.env[name];
    if (value !== undefined && value !== "") env[name] = value;
  }
  writeRun({ pid: process.pid, url: null, env: {} });
  await startStack(env);
  writeRun({ pid: process.pid, url: null, env });
  if (options.stack) {
    console.log(`\nexport KAFKA_BROKERS=${env["KAFKA_BROKERS"]} CLICKHOUSE_URL=${env["CLICKHOUSE_URL"]}`);
    console.log("Commands in this checkout find them by themselves. Ctrl-C stops both.");
    return;
  }
  const url = await startSystem(env);
  writeRun({ pid: process.pid, url, env: { ...env, GATEWAY_PORT: new URL(url).port } });
  const width = Math.max(...children.map(({ child }) => child.name.length));
  console.log(`\n  The wall: ${url}\n`);
  for (const { child, what } of children)
    console.log(`  ${child.name.padEnd(width)}  ${what.padEnd(24)}  pid ${child.pid}  ${child.log}`);
  console.log("\n  Ctrl-C stops everything; the data stay. npm run reset deletes them.\n");
}

try {
  await main();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  // Parts that are still starting end with this process.
  if (currentRun()?.pid === process.pid) await end(1);
  process.exitCode = 1;
}
