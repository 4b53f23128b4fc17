// A gauge over time: the last value of each minute. Adds over partitions, not over time.
import { minuteOf } from "./minute-line.ts";

export class Gauge {
  readonly #minutes = new Map<number, number>();
  readonly #kept: number;

  /** `kept`: how many minutes are remembered. */
  constructor(kept: number) {
    this.#kept = kept;
  }

  /** The value now; the last of a minute stands for it. */
  record(at: number, value: number): void {
    const minute = minuteOf(at);
    if (!this.#minutes.has(minute))
      for (const old of this.#minutes.keys()) if (old <= minute - this.#kept) this.#minutes.delete(old);
    this.#minutes.set(minute, value);
  }

  /** Values of past minutes from elsewhere. What became known after a minute only adds to it, so that the greater one is right. */
  complete(minutes: ReadonlyMap<number, number>): void {
    for (const [minute, value] of minutes)
      this.#minutes.set(minute, Math.max(value, this.#minutes.get(minute) ?? value));
  }

  at(ms: number): number | null {
    return this.#minutes.get(minuteOf(ms)) ?? null;
  }

  get size(): number {
    return this.#minutes.size;
  }
}
