// npm run soak: hours of steady traffic with everything on; is memory flat, does lag grow?
import { Command, InvalidArgumentError } from "commander";
import Table from "cli-table3";
import { leaveNothing } from "../../local/scratch-stack.ts";
import { Steady, type Program } from "./steady.ts";

const count = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("a number above 0 is wanted");
  return value;
};

const { rate, minutes } = new Command("soak")
  .description("Runs two workers and a gateway under steady traffic, and prints how memory and lag develop.")
  .option("--rate <n>", "events per second", count, 2000)
  .option("--minutes <n>", "how long", count, 60)
  .parse()
  .opts<{ rate: number; minutes: number }>();

/** Sessions stay in memory for 30 min, so that before this memory has to grow; a run of less than an hour leaves out less. */
const WARM_UP_MINUTES = Math.min(35, 0.6 * minutes);
const SAMPLES = 120;

interface Sample {
  readonly minute: number;
  readonly megabytes: number;
}

/** MB per hour: the slope of a least-squares line. */
function slope(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number): number => samples.reduce((sum, s) => sum + of(s), 0) / samples.length;
  const x = mean(({ minute }) => minute);
  const y = mean(({ megabytes }) => megabytes);
  const over = samples.reduce((sum, s) => sum + (s.minute - x) * (s.megabytes - y), 0);
  return (over / samples.reduce((sum, s) => sum + (s.minute - x) ** 2, 0)) * 60;
}

async function residentMegabytes({ url, child }: Program): Promise<number> {
  const metrics = await fetch(`${url}/metrics`).then(
    (answer) => answer.text(),
    (error: unknown) => {
      throw new Error(`the ${child.name} does not answer; the end of its log:\n${child.tail()}`, { cause: error });
    },
  );
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1]) / 2 ** 20;
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
    await new Promise((resolve) => setTimeout(resolve, (minutes * 60_000) / SAMPLES));
    const minute = (Date.now() - startedAt) / 60_000;
    const told: string[] = [];
    for (const [name, program] of programs) {
      const megabytes = await residentMegabytes(program);
      told.push(`${name} ${megabytes.toFixed(0)} MB`);
      if (minute >= WARM_UP_MINUTES) samples.set(name, [...(samples.get(name) ?? []), { minute, megabytes }]);
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
const table = new Table({ head: ["", "least", "most", "slope"], style: { head: [], border: [] } });
for (const [name, all] of samples) {
  const megabytes = all.map((sample) => sample.megabytes);
  const [least, most] = [Math.min(...megabytes), Math.max(...megabytes)];
  table.push([name, `${least.toFixed(0)} MB`, `${most.toFixed(0)} MB`, `${slope(all).toFixed(1)} MB/h`]);
}
lags.sort((a, b) => a - b);
console.log(
  `${rate} events per second for ${minutes} min, the first ${WARM_UP_MINUTES.toFixed(0)} left out\n${table.toString()}`,
);
console.log(`lag: median ${lags[lags.length >> 1]} records, most ${lags.at(-1)}`);
