// npm run bench: how fast, on this machine, in one run; printed as tables. Ratios within a run mean something, figures of
// different runs and machines do not.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import Table from "cli-table3";
import { Command, InvalidArgumentError, Option } from "commander";
import { ROOT } from "../local/paths.ts";
import { fillTopic, foldTopic, openBench, type Bench, type Run } from "./pipeline.ts";
import type { Stages } from "./stages.ts";
import { USUAL, type Workload } from "./workload.ts";

const SECTIONS = ["stages", "pipeline"] as const;
type Section = (typeof SECTIONS)[number];

const count = (text: string): number => {
  const value = Number(text.replaceAll("_", ""));
  if (!Number.isInteger(value) || value <= 0) throw new InvalidArgumentError("a whole number above 0 is wanted");
  return value;
};

const program = new Command("bench")
  .description("Measures the worker: each stage alone, and the whole pipeline on a real broker and the real engine.")
  .addOption(new Option("--only <section...>", "measure only these").choices(SECTIONS))
  .option("--events <n>", "records of the log", count, USUAL.events)
  .option("--partitions <n>", "partitions of the topic", count, 4)
  .showHelpAfterError("(run with --help for the options)")
  .parse();
const options = program.opts<{ only?: Section[]; events: number; partitions: number }>();
const wanted = new Set<Section>(options.only ?? SECTIONS);

const thousands = (perSecond: number): string => `${(perSecond / 1000).toFixed(perSecond < 10_000 ? 1 : 0)}k`;

function print(title: string, head: string[], rows: string[][]): void {
  const table = new Table({
    head,
    style: { head: [], border: [] },
    colAligns: head.map((_, i) => (i ? "right" : "left")),
  });
  table.push(...rows);
  console.log(`\n${title}\n${table.toString()}`);
}

/** In a process of its own, so that nothing else is in its heap. */
function stages(events: number): void {
  const file = join(ROOT, "bench/stages-main.ts");
  const args = [
    "--expose-gc",
    "--max-semi-space-size=64",
    "--max-old-space-size=8000",
    "--import",
    "tsx",
    file,
    String(events),
  ];
  const measured = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", cwd: ROOT })) as Stages;
  print(
    `Stages alone, one process, ${events} events of ${measured.bytesPerEvent.toFixed(0)} bytes`,
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
  engineCpuSeconds === null ? "unknown" : thousands(records / (cpuSeconds + engineCpuSeconds)),
  `${peakMb} MB`,
];

async function pipeline(bench: Bench, load: Workload, partitions: number): Promise<void> {
  const topic = "bench.events";
  await fillTopic(bench.kafka, topic, partitions, load);
  const rows: string[][] = [];
  for (const [name, env] of [
    ["panes, sessions, orders", { RAW_EVENTS: "dead" }],
    ["with raw rows", { RAW_EVENTS: "all" }],
  ] as const)
    rows.push(runRow(name, await foldTopic(bench, topic, env)));
  const head = ["one worker", "events/s", "per CPU s", "engine counted", "peak memory"];
  print(
    `Whole pipeline: a topic of ${load.events} records in ${partitions} partitions, folded from its start`,
    head,
    rows,
  );
}

if (wanted.has("stages")) stages(options.events);
if (wanted.has("pipeline")) {
  const bench = await openBench();
  try {
    const from = Date.now() - (options.events / USUAL.perSecond) * 1000;
    await pipeline(bench, { ...USUAL, events: options.events, from }, options.partitions);
  } finally {
    await bench.end();
  }
}
