// npm run recovery: how long it takes until everything is folded again when one of two workers ends.
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import Table from "cli-table3";
import { leaveNothing } from "../../local/scratch-stack.ts";
import { wholeFrom } from "../../runtime/arguments.ts";
import { Steady } from "./steady.ts";

const count = wholeFrom(1);

const { rate, rounds } = new Command("recovery")
  .description(
    "Ends one of two workers under steady traffic, and measures the time until all partitions are caught up.",
  )
  .option("--rate <n>", "events per second", count, 2000)
  .option("--rounds <n>", "times that a worker is ended, by each signal", count, 5)
  .parse()
  .opts<{ rate: number; rounds: number }>();

const SETTLE_MS = 8000;
const say = (line: string): void => console.error(line);

leaveNothing();
const steady = await Steady.open(rate, 4, say);
const table = new Table({ head: ["one of two workers gets", "min", "median", "max"], style: { head: [], border: [] } });
try {
  await steady.start();
  const workers = [await steady.startWorker(), await steady.startWorker()];
  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    const times: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      await sleep(SETTLE_MS);
      while (!steady.caughtUp(Date.now() - 2000)) await sleep(100);
      const victim = workers.shift()!;
      const at = Date.now();
      victim.child.process.kill(signal);
      await sleep(50);
      while (!steady.caughtUp(at + 50)) {
        if (Date.now() - at > 120_000) throw new Error(`not caught up within 120 s of ${signal}`);
        await sleep(20);
      }
      times.push(Date.now() - at);
      say(`${signal}, ${round} of ${rounds}: caught up after ${(times.at(-1)! / 1000).toFixed(1)} s`);
      await victim.child.ended;
      workers.push(await steady.startWorker());
    }
    times.sort((a, b) => a - b);
    const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
    table.push([signal, seconds(times[0]!), seconds(times[times.length >> 1]!), seconds(times.at(-1)!)]);
  }
  for (const { child } of workers) await child.stop();
} finally {
  await steady.close();
}
console.log(`${rate} events per second, 4 partitions, 2 workers\n${table.toString()}`);
