// Fills the model from ClickHouse: once with the last hours, then every few minutes with the same hours a week ago. ClickHouse
// may be away at any time: everything is tried again, and the walls are live meanwhile.
import type { Logger } from "../../runtime/log.ts";
import { ALL, DIMENSIONS } from "../../stream/contract/dimensions.ts";
import { MINUTE_MS } from "../core/minute-line.ts";
import type { Model, SeriesKey } from "../core/model.ts";
import type { StoredPosition } from "../core/status.ts";
import { LONGEST_WINDOW_MS } from "../core/store-clock.ts";
import type { Storage } from "./storage.ts";

export interface LoaderParts {
  readonly storage: Storage;
  readonly model: Model;
  readonly log: Logger;
  readonly now: () => number;
  /** Series that screens look at, besides the totals. */
  readonly watched: () => readonly SeriesKey[];
}

const RETRY_MS = 2000;
const LOOK_MS = 1000;
const REFRESH_MS = 60_000;
const HOUR_MS = 3600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
/** A baseline reaches this far past what is needed now, so that it lasts through an outage of storage. */
const AHEAD_MS = 3 * HOUR_MS;
/** Local time moves by an hour or less against UTC from one week to the next. */
const SHIFT_MS = HOUR_MS;
/** kpi.panes is kept for 6 h: what an older position names is gone from it. */
const PANES_KEPT_MS = 6 * HOUR_MS;
const VISITORS_MS = 65 * MINUTE_MS;

export class HistoryLoader {
  readonly #parts: LoaderParts;
  readonly #baselineAt = new Map<string, number>();
  #loaded = false;
  #failed = false;

  constructor(parts: LoaderParts) {
    this.#parts = parts;
  }

  /** The last hours are in the model, or storage is known to be down. */
  get settled(): boolean {
    return this.#loaded || this.#failed;
  }

  /** The offset of kpi.panes from which on nothing may be missed; 0, its start, where storage does not answer. */
  async tailFrom(): Promise<number> {
    try {
      const now = this.#parts.now();
      const recent = (await this.#readPositions()).filter(({ storedAt }) => now - storedAt < PANES_KEPT_MS);
      return recent.length === 0 ? 0 : Math.max(0, Math.min(...recent.map(({ panesOffset }) => panesOffset)));
    } catch (error) {
      this.#complain(error, "positions could not be read; starting from the topic alone");
      return 0;
    }
  }

  /** Loads, refreshes and retries until told to stop. */
  async run(stopping: AbortSignal): Promise<void> {
    let refreshedAt = -Infinity;
    while (!stopping.aborted) {
      try {
        if (!this.#loaded) await this.#loadPanes();
        if (this.#parts.now() - refreshedAt >= REFRESH_MS) {
          await this.#readPositions();
          await this.#loadVisitors();
          refreshedAt = this.#parts.now();
        }
        await this.#loadBaselines();
        this.#failed = false;
        await pause(LOOK_MS, stopping);
      } catch (error) {
        this.#complain(error, "reading history failed; trying again");
        await pause(RETRY_MS, stopping);
      }
    }
  }

  /** Positions, read now; throws where storage does not answer. */
  async #readPositions(): Promise<readonly StoredPosition[]> {
    const positions = await this.#parts.storage.positions();
    for (const { source, partitions } of positions) this.#parts.model.expectPartitions(source, partitions);
    return positions;
  }

  /** Totals first: walls can be shown before the other dimensions are here. */
  async #loadPanes(): Promise<void> {
    const { storage, model, now, log } = this.#parts;
    const startedAt = now();
    const oldest = model.stores.reduce((least, { id }) => Math.min(least, model.asOf(id, startedAt)), startedAt);
    const from = Math.ceil((oldest - LONGEST_WINDOW_MS) / MINUTE_MS) * MINUTE_MS;
    let rows = 0;
    for (const [store, first] of await storage.firstPanes()) model.firstStored(store, first);
    for (const dimensions of [["total"], DIMENSIONS.filter((dimension) => dimension !== "total")])
      await storage.panes(dimensions, from, (origin, row) => {
        model.applyStored(origin, [row]);
        rows++;
      });
    model.completeSince(from);
    this.#loaded = true;
    log.info({ rows, ms: now() - startedAt }, "the last hours are loaded");
  }

  async #loadVisitors(): Promise<void> {
    const { storage, model, now } = this.#parts;
    const end = Math.floor(now() / MINUTE_MS) * MINUTE_MS;
    const past = await storage.visitors(end - VISITORS_MS, end);
    const lastWeek = await storage.visitors(
      end - WEEK_MS - VISITORS_MS - SHIFT_MS,
      end - WEEK_MS + SHIFT_MS + REFRESH_MS,
    );
    for (const { id } of model.stores) model.setVisitors(id, past.get(id) ?? new Map(), lastWeek.get(id) ?? new Map());
  }

  /** Those that are missing or old; the totals of every store always. */
  async #loadBaselines(): Promise<void> {
    const { storage, model, now, watched } = this.#parts;
    const totals = model.stores.map(({ id }) => ({ store: id, dimension: "total", value: ALL }));
    const keys = [...totals, ...watched()];
    const wanted = new Map(keys.map((key) => [JSON.stringify([key.store, key.dimension, key.value]), key]));
    for (const [name, key] of wanted) {
      if (now() - (this.#baselineAt.get(name) ?? -Infinity) < REFRESH_MS) continue;
      const end = Math.floor(model.asOf(key.store, now()) / MINUTE_MS) * MINUTE_MS - WEEK_MS;
      model.setBaseline(key, await storage.minutes(key, end - LONGEST_WINDOW_MS - SHIFT_MS, end + AHEAD_MS));
      this.#baselineAt.set(name, now());
    }
    for (const name of this.#baselineAt.keys()) if (!wanted.has(name)) this.#baselineAt.delete(name);
    model.keepBaselines([...wanted.values()]);
  }

  #complain(error: unknown, what: string): void {
    if (!this.#failed) this.#parts.log.warn({ err: error }, what);
    this.#failed = true;
  }
}

function pause(ms: number, stopping: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stopping.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stopping.addEventListener("abort", done);
  });
}
