// Visitors now: sessions with an event in the last 5 minutes of event time, without looking at every session.
// Sessions are counted in 10 s bins of their last event; a session moves from bin to bin.
import { VISITOR_MS } from "../contract/lateness.ts";

const BIN_MS = 10_000;
const BINS = VISITOR_MS / BIN_MS;

export class Visitors {
  /** By number of store. */
  readonly #stores: Map<number, number>[] = [];

  /** A session's last event moved from `from` to `to` (ms; 0: it had none). */
  move(store: number, from: number, to: number): void {
    const fromBin = Math.floor(from / BIN_MS);
    const toBin = Math.floor(to / BIN_MS);
    if (fromBin === toBin) return;
    const bins = (this.#stores[store] ??= new Map<number, number>());
    if (from !== 0) add(bins, fromBin, -1);
    if (to !== 0) add(bins, toBin, 1);
  }

  /** Per store, at an event time. Bins that nobody can come back to are dropped. */
  at(now: number, nameOf: (store: number) => string): { store: string; sessions: number }[] {
    const last = Math.floor(now / BIN_MS);
    return this.#stores.flatMap((bins, store) => {
      let sessions = 0;
      for (let bin = last - BINS + 1; bin <= last; bin++) sessions += bins.get(bin) ?? 0;
      return { store: nameOf(store), sessions };
    });
  }
}

function add(bins: Map<number, number>, bin: number, by: number): void {
  const sum = (bins.get(bin) ?? 0) + by;
  if (sum === 0) bins.delete(bin);
  else bins.set(bin, sum);
}
