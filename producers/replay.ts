// npm run replay: a file of order lines → a topic of its own → folded to its end.
import { access, readFile } from "node:fs/promises";
import Table from "cli-table3";
import type { Kafka } from "kafkajs";
import { Option, type Command } from "commander";
import { parse as parseYaml } from "yaml";
import { MAPPING_HELP } from "./replay-mapping-help.ts";
import { createKafka, ensureTopics } from "../runtime/kafka.ts";
import { command, Mistake, runProcess, type Running } from "../runtime/process.ts";
import type { Accounting } from "./core/replay/accounting.ts";
import { ONLINE_RETAIL, parseMapping, type Mapping } from "./core/replay/mapping.ts";
import { identityOf, readCheckpoint, writeCheckpoint } from "./io/checkpoint.ts";
import { startFold } from "./io/fold-process.ts";
import { kafkaSink } from "./io/kafka-sink.ts";
import { startProgress } from "./io/progress.ts";
import { runReplay, type ReplayResult, type ReplayRunOptions } from "./io/replay-run.ts";

/** A file waits so long for Kafka before the run gives up; it can go on later. */
const PATIENCE_MS = 60_000;

interface ReplayOptions {
  readonly source: string;
  readonly store: string;
  readonly again?: true;
  readonly fold: boolean;
  readonly state: string;
}

async function replay(running: Running, path: string, mapping: Mapping, options: ReplayOptions): Promise<void> {
  checkNames(running, options);
  await checkFile(path);
  const topic = `shop.events.${options.source}`;
  const kafka = createKafka(running.config, running.log, "tidemark-replay");
  await ensureTopics(kafka, [{ name: topic, role: "events", partitions: running.config.EVENTS_PARTITIONS }]);
  if (!(await write(running, kafka, topic, path, mapping, options))) return;
  if (options.fold) await fold(running, topic, options.source);
}

/** False if it was stopped. */
async function write(
  running: Running,
  kafka: Kafka,
  topic: string,
  path: string,
  mapping: Mapping,
  options: ReplayOptions,
): Promise<boolean> {
  const { log } = running;
  const checkpointFile = `${options.state}/${options.source}.json`;
  const rejectsFile = `${options.state}/${options.source}.rejects.csv`;
  const identity = await identityOf(path, { mapping, store: options.store });
  const { cluster, records } = await logOf(kafka, topic);
  const last = await readCheckpoint(checkpointFile);
  // A checkpoint speaks of the log that it was made with; that one may be gone.
  const isOfThisLog = last?.identity === identity && last.cluster === cluster && last.events <= records;
  const known = isOfThisLog && options.again !== true ? last : undefined;
  if (known?.complete === true) {
    log.info({ events: known.events, topic }, `already replayed: ${path} (send it again with --again)`);
    return true;
  }
  if (known !== undefined) log.info({ events: known.events }, "going on after the events that are acknowledged");

  const sink = await kafkaSink(kafka, { topic, patienceMs: PATIENCE_MS, log });
  const progress = startProgress({ what: "replaying", unit: "KB", log });
  const remember = (events: number, complete: boolean): Promise<void> =>
    writeCheckpoint(checkpointFile, { identity, cluster, events, complete });
  const startedAt = performance.now();
  const work = closing({
    file: path,
    mapping,
    naming: { store: options.store, source: options.source },
    acknowledged: known?.events ?? 0,
    rejectsFile,
    sink,
    stopping: running.stopping,
    onAcknowledged: (events) => remember(events, false),
    onRead: (bytes, ofBytes) => progress.update(bytes / 1024, ofBytes / 1024),
  });
  running.onStop("replay", () => work.then(() => undefined));
  const { accounting, events, complete } = await work;
  progress.end();
  if (!complete) {
    log.info({ events }, "stopped; run the same command again to go on");
    return false;
  }
  await remember(events, true);
  const seconds = (performance.now() - startedAt) / 1000;
  print(tableOf(accounting));
  if (accounting.rejected.size > 0) print(`Rejected lines, by number: ${rejectsFile}`);
  log.info(
    {
      lines: accounting.lines,
      events,
      seconds: Math.round(seconds * 10) / 10,
      linesPerSecond: Math.round(accounting.lines / seconds),
      peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
    },
    `${path} is in ${topic}`,
  );
  return true;
}

async function closing(options: ReplayRunOptions): Promise<ReplayResult> {
  try {
    return await runReplay(options);
  } finally {
    await options.sink.close();
  }
}

async function fold(running: Running, topic: string, source: string): Promise<void> {
  const { config, log, stopping } = running;
  if (stopping.aborted) return;
  const progress = startProgress({ what: "folding", unit: "records", log });
  const child = startFold({
    environment: {
      KAFKA_BROKERS: config.KAFKA_BROKERS,
      CLICKHOUSE_URL: config.CLICKHOUSE_URL,
      EVENTS_TOPIC: topic,
      SOURCE: source,
      CONSUMER_GROUP: `tidemark-replay.${source}`,
      WORKER_PORT: "0",
    },
    onProgress: (done, total) => progress.update(done, total),
    onTrouble: (line) => log.warn(line),
  });
  running.onStop("fold", async () => {
    child.stop();
    await child.done.catch(() => undefined);
  });
  await child.done;
  progress.end();
  log.info({ source }, "folded to the end of the topic");
}

function checkNames({ config }: Running, { source, store }: ReplayOptions): void {
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(source))
    throw new Mistake(`--source "${source}": it is made of a-z, 0-9, ".", "_" and "-".`);
  if (!config.STORES.some(({ id }) => id === store))
    throw new Mistake(
      `There is no store "${store}" in STORES, which names ${config.STORES.map(({ id }) => id).join(", ")}. Add it there, or name another with --store.`,
    );
}

/** Which cluster it is, and how many records the topic has had. */
async function logOf(kafka: Kafka, topic: string): Promise<{ cluster: string; records: number }> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { clusterId: cluster } = await admin.describeCluster();
    const offsets = await admin.fetchTopicOffsets(topic);
    return { cluster, records: offsets.reduce((sum, { high }) => sum + Number(high), 0) };
  } finally {
    await admin.disconnect();
  }
}

async function checkFile(path: string): Promise<void> {
  const found = await access(path).then(
    () => true,
    () => false,
  );
  if (!found) throw new Mistake(`There is no file ${path} that could be read.`);
}

function tableOf(accounting: Accounting): string {
  const table = new Table({ head: ["lines became", "lines", "events"], style: { head: [], border: [] } });
  for (const [what, lines, events] of accounting.rows()) table.push([what, right(lines), right(events)]);
  return table.toString();
}

const right = (count: number) => ({ content: count.toLocaleString("en"), hAlign: "right" as const });

async function mappingFrom(path: string): Promise<Mapping> {
  await checkFile(path);
  const result = parseMapping(parseYaml(await readFile(path, "utf8")));
  if (result.ok) return result.mapping;
  throw new Mistake(
    `The mapping ${path} has problems:\n${result.problems.map((problem) => `  ${problem}`).join("\n")}`,
  );
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function withOptions(command: Command, source: string): Command {
  return command
    .addOption(
      new Option("--source <name>", "events go to the topic shop.events.<name>, a source of its own").default(source),
    )
    .addOption(new Option("--store <id>", "a store of STORES").default("online-retail"))
    .option("--state <folder>", "where to remember how far it has come, and to list rejected lines", ".tidemark/replay")
    .option("--again", "send a file that has been replayed once more; all of it is then duplicates")
    .option("--no-fold", "write the events only; do not start a worker that folds them");
}

const program = command("replay", "Replays a file of order lines through Kafka.");
withOptions(
  program.command("online-retail").argument("<file>", "UCI Online Retail, as .csv or .csv.gz"),
  "online-retail",
)
  .description("the UCI Online Retail data set")
  .action((file: string, options: ReplayOptions) =>
    runProcess("replay", (running) => replay(running, file, ONLINE_RETAIL, options)),
  );
withOptions(program.command("csv").argument("<file>", "any export of order lines, as .csv or .csv.gz"), "csv")
  .description("any shop's export, read by a mapping of its columns")
  .requiredOption("--map <mapping.yaml>", "which column means what; see below")
  .addHelpText("after", MAPPING_HELP)
  .action((file: string, options: ReplayOptions & { map: string }) =>
    runProcess("replay", async (running) => replay(running, file, await mappingFrom(options.map), options)),
  );
await program.parseAsync();
