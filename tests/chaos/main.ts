// npm run chaos -- --kills 200 --seed 1
import { Command } from "commander";
import Table from "cli-table3";
import { leaveNothing } from "../../local/scratch-stack.ts";
import { wholeFrom } from "../../runtime/arguments.ts";
import { chaos } from "./chaos.ts";

const count = wholeFrom(0);

const options = new Command("chaos")
  .description(
    "Kills workers, restarts the broker and stops the engine while events flow, and compares every row in the end.",
  )
  .option("--kills <n>", "SIGKILLs of workers", count, 200)
  .option("--seed <n>", "the same seed makes the same plan; what it meets differs", count, 1)
  .option("--rate <n>", "events per second", count, 500)
  .option("--partitions <n>", "partitions of the events topic", count, 4)
  .option("--workers <n>", "at once, one more or less", count, 3)
  .option("--longest-outage <s>", "longest time that the engine is away at once", count, 120)
  .option("--broker-restarts <n>", "(default: one for every 50 kills)", count)
  .option("--outages <n>", "times that the engine is stopped (default: one for every 25 kills)", count)
  .showHelpAfterError("(run with --help for the options)")
  .parse()
  .opts<{
    kills: number;
    seed: number;
    rate: number;
    partitions: number;
    workers: number;
    longestOutage: number;
    brokerRestarts?: number;
    outages?: number;
  }>();

leaveNothing();
const report = await chaos({
  kills: options.kills,
  seed: options.seed,
  perSecond: options.rate,
  partitions: options.partitions,
  workers: options.workers,
  longestOutage: options.longestOutage,
  brokerRestarts: options.brokerRestarts ?? Math.round(options.kills / 50),
  outages: options.outages ?? Math.round(options.kills / 25),
  say: (line) => console.error(`${new Date().toISOString().slice(11, 19)} ${line}`),
}).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});

const table = new Table({ style: { head: [], border: [], compact: true }, colAligns: ["left", "right"] });
table.push(...Object.entries(report.troubles).sort(([a], [b]) => a.localeCompare(b)));
for (const [reason, times] of Object.entries(report.ended)) table.push([`worker ended by itself: ${reason}`, times]);
console.log(`seed ${options.seed}: ${report.kills} kills in ${Math.round(report.seconds)} s\n${table.toString()}`);
console.log(
  `${report.records} records, ${report.rows} stored rows and ${report.published} published panes compared: ` +
    (report.problems.length === 0 ? "no difference" : `DIFFERENT\n${report.problems.join("\n")}`),
);
process.exitCode = report.problems.length === 0 ? 0 : 1;
