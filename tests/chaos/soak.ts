// npm run soak: hours of steady traffic with everything on; is memory flat, does lag grow?
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import Table from "cli-table3";
import { leaveNothing } from "../../local/scratch-stack.ts";
import { positive } from "../../runtime/arguments.ts";
import { Steady, type Program } from "./steady.ts";

const { rate, minutes } = new Command("soak")
  .description("Runs two workers and a gateway under steady traffic, and prints how memory and lag develop.")
  .option("--rate <n>", "events per second", positive, 2000)
  .option("--minutes <n>", "how long", positive, 60)
  .parse()
  .opts<{ rate: number; minutes: number }>();

/** Sessions stay in memory for 30 min, so that before this memory has to grow; a run of less than an hour leaves out less. */
const WARM_UP_MINUTES = Math.min(35, 0.6 * minutes);
const SAMPLES = 120;

/** Between two samples the heap fills and is collected; the least of so many minutes is what was in use after a collection. */
const TROUGH_MINUTES = minutes / 12;

interface Point {
  readonly minute: number;
  readonly megabytes: number;
}

/** Of a process at one moment, MB. */
interface Sample {
  readonly minute: number;
  /** Of the machine's memory; the runtime gives back what it does not need when it likes. */
  readonly resident: number;
  /** Of heap and buffers, garbage included. */
  readonly used: number;
}

/** MB per hour: the slope of a least-squares line. */
function slope(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number): number => points.reduce((sum, p) => sum + of(p), 0) / points.length;
  const x = mean(({ minute }) => minute);
  const y = mean(({ megabytes }) => megabytes);
  const over = points.reduce((sum, p) => sum + (p.minute - x) * (p.megabytes - y), 0);
  return (over / points.reduce((sum, p) => sum + (p.minute - x) ** 2, 0)) * 60;
}

/** The least use of each few minutes. */
function troughs(samples: readonly Sample[]): Point[] {
  const least = new Map<number, Point>();
  for (const { minute, used } of samples) {
    const window = Math.floor(minute / TROUGH_MINUTES);
    if (used < (least.get(window)?.megabytes ?? Infinity)) least.set(window, { minute, megabytes: used });
  }
  return [...least.values()];
}

async function memoryOf({ url, child }: Program, minute: number): Promise<Sample> {
  const metrics = await fetch(`${url}/metrics`).then(
    (answer) => answer.text(),
    (error: unknown) => {
      throw new Error(`the ${child.name} does not answer; the end of its log:\n${child.tail()}`, { cause: error });
    },
  );
  const megabytes = (name: string): number => Number(new RegExp(`^${name} (\\S+)`, "m").exec(metrics)?.[1]) / 2 ** 20;
  const used = megabytes("nodejs_heap_size_used_bytes") + megabytes("nodejs_external_memory_bytes");
  return { minute, resident: megabytes("process_resident_memory_bytes"), used };
}

leaveNothing();
const steady = await Steady.open(rate, 4, (line) => console.error(line));
const samples = new Map<string, Sample[]>();
const lags: number[] = [];
const startedAt = Date.now();
try {
  await steady.start();
  const programs: [name: string, program: Program][] = [
    ["worker 1", await steady.startWorker()],
    ["worker 2", await steady.startWorker()],
    ["gateway", await steady.startGateway()],
  ];
  while (Date.now() < startedAt + minutes * 60_000) {
    await sleep((minutes * 60_000) / SAMPLES);
    const minute = (Date.now() - startedAt) / 60_000;
    const told: string[] = [];
    for (const [name, program] of programs) {
      const sample = await memoryOf(program, minute);
      told.push(`${name} ${sample.resident.toFixed(0)} MB (${sample.used.toFixed(0)} used)`);
      if (minute >= WARM_UP_MINUTES) samples.set(name, [...(samples.get(name) ?? []), sample]);
    }
    if (minute >= WARM_UP_MINUTES) lags.push(steady.lag);
    console.error(
      `${minute.toFixed(1)} of ${minutes} min: ${told.join(", ")}, lag ${steady.lag}, ${steady.sent} records`,
    );
  }
  for (const [, { child }] of programs) await child.stop();
} finally {
  await steady.close();
}
const row = (name: string, points: readonly Point[]): string[] => {
  const megabytes = points.map((point) => point.megabytes);
  const [least, most] = [Math.min(...megabytes), Math.max(...megabytes)];
  return [name, `${least.toFixed(0)} MB`, `${most.toFixed(0)} MB`, `${slope(points).toFixed(1)} MB/h`];
};
const table = new Table({ head: ["", "least", "most", "slope"], style: { head: [], border: [] } });
for (const [name, all] of samples) {
  table.push(row(`${name}: in use after collections`, troughs(all)));
  const resident = all.map(({ minute, resident: megabytes }) => ({ minute, megabytes }));
  table.push(row(`${name}: resident`, resident));
}
lags.sort((a, b) => a - b);
console.log(
  `${rate} events per second for ${minutes} min, the first ${WARM_UP_MINUTES.toFixed(0)} left out\n${table.toString()}`,
);
console.log(`lag: median ${lags[lags.length >> 1]} records, most ${lags.at(-1)}`);
