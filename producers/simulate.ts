// npm run simulate: a made-up shop that fills the events topic, in the past, in real time, or faster.
import { instant, notNegative, whole } from "../runtime/arguments.ts";
import { createKafka, ensureTopics } from "../runtime/kafka.ts";
import { command, runProcess, type Running } from "../runtime/process.ts";
import type { Pace } from "./core/simulator/pace.ts";
import { expectedBetween } from "./core/simulator/rhythm.ts";
import { DAY, DEFAULT_SESSIONS_PER_DAY, MINUTE, type Shop } from "./core/simulator/shop.ts";
import { StoreTime } from "./core/simulator/store-time.ts";
import type { EventSink } from "./io/event-sink.ts";
import { incidentFileOf, incidentWatch, readIncidents } from "./io/incident-file.ts";
import { jsonLinesSink } from "./io/json-lines-sink.ts";
import { kafkaSink } from "./io/kafka-sink.ts";
import { startProgress } from "./io/progress.ts";
import { readState, writeState } from "./io/simulation-state.ts";
import { runSimulation, type SimulationOptions } from "./io/simulation.ts";
import { DEFAULT_STATE, iso, rate, stateOption } from "./simulate-arguments.ts";
import { addIncidentCommands } from "./simulate-incidents.ts";

/** Seen over a month, bots included: how many events a session brings. For progress only. */
const EVENTS_PER_SESSION = 3.48;

interface SimulateOptions {
  readonly rate: number;
  readonly seed: number;
  readonly store?: string;
  readonly from?: number;
  readonly to?: number;
  readonly speed?: number;
  readonly historyDays: number;
  readonly follow?: true;
  readonly state?: string;
  readonly out?: string;
}

interface Plan {
  readonly shop: Shop;
  readonly from: number;
  readonly to: number;
  readonly pace: Pace;
  readonly isStart: boolean;
  /** Where the position is kept; null: nowhere, for a range has an end of its own. */
  readonly state: string | null;
}

async function simulate(running: Running, options: SimulateOptions): Promise<void> {
  const plan = await planOf(running, options, Date.now());
  const { shop } = plan;
  // A range is the same whenever it is made: incidents of the running simulation are not its own, unless it is told so.
  const ownState = options.from === undefined ? (options.state ?? DEFAULT_STATE) : options.state;
  const incidentFile = ownState === undefined ? null : incidentFileOf(ownState);
  const sink = await sinkOf(running, options.out);
  const pastEnd = Math.min(plan.to, plan.pace.kind === "scaled" ? plan.from : Date.now());
  running.log.info(
    { ...shop, from: iso(plan.from), to: Number.isFinite(plan.to) ? iso(plan.to) : "on and on", pace: plan.pace.kind },
    `simulating ${shop.store}`,
  );

  const time = new StoreTime(shop.timeZone);
  const eventsUntil = (ms: number): number => EVENTS_PER_SESSION * expectedBetween(shop, time, plan.from, ms);
  const total = eventsUntil(pastEnd);
  let progress =
    pastEnd > plan.from ? startProgress({ what: "writing history", unit: "events", log: running.log }) : null;
  let written = 0;
  const endOfHistory = (): void => {
    if (!running.stopping.aborted) progress?.update(written, written);
    progress?.end();
    progress = null;
  };

  const work = closing(sink, {
    ...plan,
    sink,
    stopping: running.stopping,
    readIncidents: async () => (incidentFile === null ? [] : readIncidents(incidentFile)),
    incidentsChanged: incidentFile === null ? async () => false : incidentWatch(incidentFile),
    onAcknowledged: async (arrivedBefore) => {
      if (plan.state === null) return;
      const { seed, store, sessionsPerDay } = shop;
      await writeState(plan.state, { seed, store, sessionsPerDay, arrivedBefore });
    },
    onWritten: (events, arrivedBefore) => {
      written += events;
      if (progress === null) return;
      // The estimate gives way to what was seen: so the bar ends when the work does.
      const share = Math.min(1, (arrivedBefore - plan.from) / (pastEnd - plan.from));
      progress.update(written, share > 0.2 ? (written * total) / Math.max(eventsUntil(arrivedBefore), 1) : total);
    },
    onCaughtUp: () => {
      endOfHistory();
      running.log.info({ events: written, pastIsWritten: true }, "the past is written; keeping pace");
    },
  });
  running.onStop("simulation", () => work);
  await work;
  endOfHistory();
  running.log.info({ events: written }, "everything is acknowledged");
}

async function closing(sink: EventSink, options: SimulationOptions): Promise<void> {
  try {
    await runSimulation(options);
  } finally {
    await sink.close();
  }
}

async function planOf({ config }: Running, options: SimulateOptions, now: number): Promise<Plan> {
  const store = config.STORES.find(({ id }) => id === (options.store ?? config.STORES[0]!.id));
  if (store === undefined)
    throw new Error(
      `There is no store "${options.store}" in STORES, which names ${config.STORES.map(({ id }) => id).join(", ")}.`,
    );
  const shop: Shop = {
    seed: options.seed,
    store: store.id,
    timeZone: store.timeZone,
    currency: store.currency,
    sessionsPerDay: options.rate,
  };
  if (options.from !== undefined) {
    const to = options.to ?? (options.follow === true ? Infinity : now);
    if (to <= options.from) throw new Error("--to must be after --from.");
    const pace: Pace =
      options.follow === true
        ? { kind: "follow" }
        : options.speed === undefined || options.speed === 0
          ? { kind: "unpaced" }
          : { kind: "scaled", times: options.speed, from: options.from, startedAt: now };
    return { shop, from: options.from, to, pace, isStart: true, state: null };
  }
  const stateFile = options.state ?? DEFAULT_STATE;
  const state = await readState(stateFile);
  if (state !== undefined) checkState(state, shop, stateFile);
  const from = state?.arrivedBefore ?? Math.floor(now / MINUTE) * MINUTE - options.historyDays * DAY;
  const goesOn = options.follow === true || options.historyDays === 0;
  return {
    shop,
    from,
    to: goesOn ? Infinity : now,
    pace: { kind: "follow" },
    isStart: state === undefined,
    state: stateFile,
  };
}

/** Another shop's past cannot be gone on with: its sessions and orders would not be known. */
function checkState(state: Pick<Shop, "seed" | "store" | "sessionsPerDay">, shop: Shop, path: string): void {
  const differs = (["seed", "store", "sessionsPerDay"] as const).filter((name) => state[name] !== shop[name]);
  if (differs.length === 0) return;
  const what = differs.map((name) => `${name} ${state[name]}, not ${shop[name]}`).join(", ");
  throw new Error(`${path} belongs to a simulation with ${what}. Use those, or another --state FILE for a new one.`);
}

async function sinkOf(running: Running, out: string | undefined): Promise<EventSink> {
  if (out !== undefined) return jsonLinesSink(out);
  const { config, log } = running;
  const kafka = createKafka(config, log, "tidemark-simulator");
  const topic = config.EVENTS_TOPIC;
  await ensureTopics(kafka, [{ name: topic, role: "events", partitions: config.EVENTS_PARTITIONS }]);
  return kafkaSink(kafka, { topic, patienceMs: Infinity, log });
}

const program = command("simulate", "Simulates a shop and writes its events to the events topic.")
  .option("--rate <n>", "sessions a day; up to 100: times the usual number", rate, DEFAULT_SESSIONS_PER_DAY)
  .option("--seed <n>", "the same seed and range give the same events", whole, 1)
  .option("--store <id>", "a store of STORES (default: the first)")
  .option(
    "--from <time>",
    "write what arrives from then on, ISO 8601; remembers nothing, and has no incidents without --state",
    instant,
  )
  .option("--to <time>", "… until then (default: now)", instant)
  .option(
    "--speed <n>",
    "with --from: event time runs n times as fast as the clock; 0 or max: as fast as it can",
    (text) => (text === "max" ? 0 : notNegative(text)),
  )
  .option("--history-days <n>", "on the first start, write this many days up to now as fast as it can", notNegative, 0)
  .option("--follow", "then go on in real time (the default without history)")
  .addOption(stateOption())
  .option("--out <file>", "write JSON lines to a file instead of Kafka")
  .enablePositionalOptions() // so that --state after "incident …" is the incident's
  .action((options: SimulateOptions) => runProcess("simulator", (running) => simulate(running, options)));

addIncidentCommands(program);
await program.parseAsync();
