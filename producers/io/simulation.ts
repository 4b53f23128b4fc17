// A simulation under way: makes arrivals, writes them at their pace, remembers how far it has come, and heeds incidents.
import { setTimeout as sleep } from "node:timers/promises";
import { arrivals } from "../core/simulator/arrivals.ts";
import { opening } from "../core/simulator/back-office.ts";
import { Catalogue } from "../core/simulator/catalogue.ts";
import type { Incident } from "../core/simulator/incidents.ts";
import { eventTime, type Pace } from "../core/simulator/pace.ts";
import { MINUTE, type Shop } from "../core/simulator/shop.ts";
import type { EventSink } from "./event-sink.ts";

export interface SimulationOptions {
  readonly shop: Shop;
  /** [from, to), ms UTC, by arrival; `to` may be Infinity. */
  readonly from: number;
  readonly to: number;
  readonly pace: Pace;
  /** A log that starts here has to begin with products and rates. */
  readonly isStart: boolean;
  readonly sink: EventSink;
  readonly stopping: AbortSignal;
  readIncidents(): Promise<readonly Incident[]>;
  /** Asked about once a second. */
  incidentsChanged(): Promise<boolean>;
  /** Everything that arrives before this is acknowledged. */
  onAcknowledged(arrivedBefore: number): Promise<void>;
  onWritten(events: number, arrivedBefore: number): void;
  /** The past is written; from here on it keeps pace. */
  onCaughtUp(): void;
}

const CHECK_MS = 1000;
/** Not more often than this do arrivals go out while pace is kept. */
const TICK_MS = 100;

/** Resolves at the end of the range, or when stopped, with everything acknowledged. */
export async function runSimulation(options: SimulationOptions): Promise<void> {
  const run = new Run(options);
  if (options.isStart)
    for (const arrival of opening(options.shop, new Catalogue(options.shop.seed), options.from))
      await options.sink.write(arrival);
  while (await run.untilIncidentsChange());
}

class Run {
  readonly #options: SimulationOptions;
  #position: number;
  #checkedAt = 0;
  #caughtUp = false;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#position = options.from;
  }

  /** True if there is more to do under other incidents: the rest is then made anew, from the same position. */
  async untilIncidentsChange(): Promise<boolean> {
    const { shop, to, sink, stopping } = this.#options;
    await this.#options.incidentsChanged();
    const incidents = await this.#options.readIncidents();
    for (const batch of arrivals(shop, incidents, this.#position, to)) {
      for (const arrival of batch) {
        for (let allowed = this.#allowed(); arrival.at > allowed; allowed = this.#allowed())
          if (await this.#keepPace(allowed)) return !stopping.aborted;
        await sink.write(arrival);
      }
      const last = batch.at(-1)!.at;
      this.#options.onWritten(batch.length, last);
      if (performance.now() - this.#checkedAt < CHECK_MS && !stopping.aborted) continue;
      const endOfMinute = Math.floor(last / MINUTE + 1) * MINUTE;
      // The whole minute is out. Where pace is kept, the rest of it has not been yet, and incidents may still change it.
      if (await this.#check(Math.min(endOfMinute, Math.floor(this.#allowed()) + 1))) return !stopping.aborted;
    }
    await this.#acknowledge(to);
    return false;
  }

  /** Everything up to `allowed` is written: waits a little; true if this pass must end. */
  async #keepPace(allowed: number): Promise<boolean> {
    await this.#options.sink.flush();
    if (!this.#caughtUp) {
      this.#caughtUp = true;
      this.#options.onCaughtUp();
    }
    // A stop must not wait for the next check: nothing that is out may be sent again.
    if (this.#options.stopping.aborted || performance.now() - this.#checkedAt >= CHECK_MS)
      if (await this.#check(Math.floor(allowed) + 1)) return true;
    await sleep(TICK_MS, undefined, { signal: this.#options.stopping }).catch(() => undefined);
    return false;
  }

  /** Remembers the position; true if incidents have changed or the simulation is to stop. */
  async #check(arrivedBefore: number): Promise<boolean> {
    this.#checkedAt = performance.now();
    await this.#acknowledge(arrivedBefore);
    return this.#options.stopping.aborted || (await this.#options.incidentsChanged());
  }

  async #acknowledge(arrivedBefore: number): Promise<void> {
    await this.#options.sink.flush();
    this.#position = Math.max(this.#position, arrivedBefore);
    if (Number.isFinite(this.#position)) await this.#options.onAcknowledged(this.#position);
  }

  #allowed(): number {
    return eventTime(this.#options.pace, Date.now());
  }
}
