// npm run bench: how fast, on this machine, in one run; printed as tables. Ratios within a run mean something, figures of
// different runs and machines do not.
import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { Command, Option } from "commander";
import { ROOT } from "../local/paths.ts";
import { leaveNothing } from "../local/scratch-stack.ts";
import { wholeFrom } from "../runtime/arguments.ts";
import { measureLatency, percentile } from "./latency.ts";
import { buildPeer, runPeer, type PeerRun } from "./peer.ts";
import { fillTopic, foldTopic, openBench, type Bench, type Run } from "./pipeline.ts";
import { PARTS_OF_FOLD, type Stages } from "./stages.ts";
import { SLIM, USUAL, type Workload } from "./workload.ts";

const count = wholeFrom(1);

const SECTIONS = ["stages", "pipeline", "peer", "latency", "scale"] as const;
type Section = (typeof SECTIONS)[number];
const LOGS = ["usual", "slim"] as const;
type LogName = (typeof LOGS)[number];

const program = new Command("bench")
  .description(
    "Measures the worker: each stage alone, the whole pipeline on a real broker and the real engine, a peer.",
  )
  .addOption(new Option("--only <section...>", "measure only these").choices(SECTIONS))
  .addOption(new Option("--logs <log...>", "which logs to fold").choices(LOGS).default(LOGS))
  .option("--events <n>", "records of the log", count, USUAL.events)
  .option("--partitions <n>", "partitions of the topic", count, 4)
  .option("--repeat <n>", "fold each log this many times, in turn with the peer; medians are shown", count, 1)
  .option("--rates <n...>", "events per second for latencies", (text, all?: number[]) => [...(all ?? []), count(text)])
  .showHelpAfterError("(run with --help for the options)")
  .parse();
const options = program.opts<{
  only?: Section[];
  logs: readonly LogName[];
  events: number;
  partitions: number;
  repeat: number;
  rates?: number[];
}>();
const wanted = new Set<Section>(options.only ?? SECTIONS);

const thousands = (perSecond: number): string => `${(perSecond / 1000).toFixed(perSecond < 10_000 ? 1 : 0)}k`;

function print(title: string, head: string[], rows: string[][]): void {
  const colAligns = head.map((_, i) => (i ? "right" : "left"));
  const table = new Table({ head, style: { head: [], border: [], compact: true }, colAligns });
  table.push(...rows);
  console.log(`\n${title}\n${table.toString()}`);
}

/** In a process of its own, so that nothing else is in its heap. */
function stagesOf(load: Workload): Stages {
  const file = join(ROOT, "bench/stages-main.ts");
  const memory = ["--expose-gc", "--max-semi-space-size=64", "--max-old-space-size=12000"];
  const args = [...memory, "--import", "tsx", file, JSON.stringify(load)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", cwd: ROOT })) as Stages;
}

function stages(load: Workload): void {
  const measured = stagesOf(load);
  print(
    `Stages alone, one process, ${load.events} events of ${measured.bytesPerEvent.toFixed(0)} bytes`,
    ["stage", "µs CPU per event", "events per CPU second"],
    measured.stages.map(({ name, cost }) => [name, cost.toFixed(2), thousands(1e6 / cost)]),
  );
  console.log(
    `${measured.sessions} live sessions, ${measured.bytesPerSession.toFixed(0)} bytes of memory each; ` +
      `${measured.rowsPerEvent.toFixed(2)} rows stored per event`,
  );
}

const runRow = (name: string, { records, seconds, cpuSeconds, engineCpuSeconds, peakMb }: Run): string[] => [
  name,
  thousands(records / seconds),
  thousands(records / cpuSeconds),
  engineCpuSeconds === null ? "–" : thousands(records / (cpuSeconds + engineCpuSeconds)),
  `${peakMb} MB`,
];

const RUN_HEAD = ["", "events/s", "per CPU s", "engine counted", "peak memory"];

/** A worker or a peer that folds the log, over and over. */
interface Contender {
  readonly name: string;
  readonly run: () => Promise<Run>;
}

async function pipelines(bench: Bench, log: LogName, load: Workload, partitions: number): Promise<void> {
  const topic = `bench.${log}`;
  const bytes = await fillTopic(bench.kafka, topic, partitions, load);
  const ours = (name: string, raw: "dead" | "all"): Contender => ({
    name: `one worker: ${name}`,
    run: () => foldTopic(bench, topic, { RAW_EVENTS: raw }),
  });
  const contenders = [ours("panes, sessions, orders", "dead")];
  if (wanted.has("pipeline")) contenders.push(ours("with raw rows", "all"));
  if (wanted.has("peer")) {
    await buildPeer();
    for (const [name, more] of PEERS)
      contenders.push({ name, run: () => runPeer(bench, topic, load.events, more).then(asRun) });
  }
  const rounds: Run[][] = [];
  let first: Run | null = null;
  for (let round = 0; round < options.repeat; round++) {
    const runs: Run[] = [];
    // each begins once, so that what slows whoever comes first, or last, slows all of them
    for (let turn = 0; turn < contenders.length; turn++) {
      const i = (turn + round) % contenders.length;
      const run = await contenders[i]!.run();
      runs[i] = run;
      checkTotals(contenders[i]!.name, run, (first ??= run));
    }
    rounds.push(runs);
  }
  const rows = contenders.map(({ name }, i) => {
    const ratios = rounds.map((runs) => runs[i]!.cpuSeconds / runs[0]!.cpuSeconds);
    return [...runRow(name, medianRun(rounds.map((runs) => runs[i]!))), `${median(ratios).toFixed(1)}x`];
  });
  const of = `${load.events} records of ${(bytes / load.events).toFixed(0)} bytes, ${load.dimensionValues} dimension values`;
  const times = options.repeat === 1 ? "" : `, the median of ${options.repeat} rounds`;
  print(
    `Log "${log}": ${of}, in ${partitions} partitions, folded from its start${times}`,
    [...RUN_HEAD, "CPU, in those of the first row"],
    rows,
  );
}

/** Everybody has to come to the same figures. */
function checkTotals(name: string, { totals }: Run, first: Run): void {
  for (const what of ["sessions", "orders", "gross"] as const)
    if (totals[what] !== first.totals[what])
      throw new Error(`${name} counts ${totals[what]} ${what}, another ${first.totals[what]}: not the same work`);
}

const asRun = ({ records, seconds, cpuSeconds, maxRssMb, sessions, orders, gross }: PeerRun): Run => ({
  records,
  seconds,
  cpuSeconds,
  engineCpuSeconds: null,
  peakMb: maxRssMb,
  totals: { sessions, orders, gross },
});

function median(values: readonly number[]): number {
  const ascending = [...values].sort((a, b) => a - b);
  const half = values.length >> 1;
  return values.length % 2 === 1 ? ascending[half]! : (ascending[half - 1]! + ascending[half]!) / 2;
}

const medianRun = (runs: readonly Run[]): Run => ({
  records: runs[0]!.records,
  seconds: median(runs.map(({ seconds }) => seconds)),
  cpuSeconds: median(runs.map(({ cpuSeconds }) => cpuSeconds)),
  engineCpuSeconds: runs.some((run) => run.engineCpuSeconds === null)
    ? null
    : median(runs.map((run) => run.engineCpuSeconds!)),
  peakMb: Math.round(median(runs.map(({ peakMb }) => peakMb))),
  totals: runs[0]!.totals,
});

const PEERS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["Kafka Streams, exactly once, 1 thread", ["--threads", "1", "--guarantee", "exactly_once_v2", "--commit-ms", "250"]],
  [
    "Kafka Streams, exactly once, 2 threads",
    ["--threads", "2", "--guarantee", "exactly_once_v2", "--commit-ms", "250"],
  ],
  ["Kafka Streams, at least once, 1 thread", ["--threads", "1"]],
  ["… with a record cache of 256 MB", ["--threads", "1", "--cache-mb", "256"]],
];

async function latencies(bench: Bench, rates: readonly number[]): Promise<void> {
  const rows: string[][] = [];
  const busy: string[][] = [];
  for (const rate of rates) {
    const { toKafka, toPanes, toWall, used } = await measureLatency(bench, rate, 15);
    busy.push(...used.map(([name, cores]) => [`${name}, ${rate} events/s`, cores.toFixed(2)]));
    for (const [what, all] of [
      ["event → acknowledged by Kafka", toKafka],
      ["event → kpi.panes", toPanes],
      ["event → wall", toWall],
    ] as const)
      rows.push([`${what}, ${rate} events/s`, ...[0.5, 0.95, 0.99].map((p) => `${percentile(all, p).toFixed(0)} ms`)]);
  }
  print("Latency", ["", "p50", "p95", "p99"], rows);
  print("Cores that each process kept busy meanwhile", ["", "cores"], busy);
}

/** How cost grows; a third of the events, as it is about ratios. */
async function scale(bench: Bench, load: Workload): Promise<void> {
  const events = Math.round(load.events / 3);
  const cost = (measured: Stages): number =>
    measured.stages.filter(({ name }) => !PARTS_OF_FOLD.has(name)).reduce((sum, stage) => sum + stage.cost, 0);
  const head = ["", "µs CPU per event", "live sessions", "bytes per session"];
  const row = (name: string, measured: Stages): string[] => [
    name,
    cost(measured).toFixed(2),
    String(measured.sessions),
    measured.bytesPerSession.toFixed(0),
  ];
  const bySessions = [1e3, 1e4, 1e5, 1e6].map((openSessions) =>
    row(
      `${openSessions} open sessions`,
      stagesOf({ ...load, events: Math.max(events, 3 * openSessions), openSessions }),
    ),
  );
  print("By open sessions: fold, rows and panes in one process", head, bySessions);
  const byValues = [10, 60, 300, 2000].map((dimensionValues) =>
    row(`${dimensionValues} dimension values`, stagesOf({ ...load, events, dimensionValues })),
  );
  print("By dimension values", head, byValues);
  const rows: string[][] = [];
  for (const partitions of [1, 2, 4, 8]) {
    const topic = `bench.scale-${partitions}`;
    await fillTopic(bench.kafka, topic, partitions, { ...load, events });
    rows.push(runRow(`${partitions} partitions`, await foldTopic(bench, topic, { RAW_EVENTS: "dead" })));
  }
  print(`By partitions: ${events} records, one worker`, RUN_HEAD, rows);
}

const from = Date.now() - (options.events / USUAL.perSecond) * 1000;
const loads: Readonly<Record<LogName, Workload>> = {
  usual: { ...USUAL, events: options.events, from },
  slim: { ...SLIM, events: options.events, from },
};
const [cpu] = cpus();
console.log(
  `${cpus().length} × ${cpu?.model.trim() ?? "unknown CPU"}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`,
);
if (wanted.has("stages")) for (const log of options.logs) stages(loads[log]);
if (wanted.size > (wanted.has("stages") ? 1 : 0)) {
  leaveNothing();
  const bench = await openBench();
  try {
    if (wanted.has("pipeline") || wanted.has("peer"))
      for (const log of options.logs) await pipelines(bench, log, loads[log], options.partitions);
    if (wanted.has("latency")) await latencies(bench, options.rates ?? [2_000, 20_000]);
    if (wanted.has("scale")) await scale(bench, loads.usual);
  } finally {
    await bench.stack.close();
  }
}
