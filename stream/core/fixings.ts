// Exchange rates in force, as the log's fx_fixed records set them: 1 EUR = rate units, cross rates via EUR.
// Immutable: folding a fixing makes a new one, so that a parked record keeps the rates it was read under.
import { RATE_DAYS_KEPT } from "../contract/lateness.ts";

const DAY_MS = 86_400_000;

export interface Rate {
  /** Units of the reporting currency for one unit of the order's. */
  readonly rate: number;
  /** Day of the fixing used, YYYY-MM-DD; empty where none was needed. */
  readonly day: string;
}

export type FixedDay = readonly [day: string, rates: Readonly<Record<string, string>>];

export class Fixings {
  static readonly none = new Fixings([]);
  /** Ascending by day. */
  readonly days: readonly FixedDay[];

  constructor(days: readonly FixedDay[]) {
    this.days = days;
  }

  with(day: string, rates: Readonly<Record<string, string>>): Fixings {
    const others = this.days.filter(([known]) => known !== day);
    const days = [...others, [day, rates] as const].sort(([a], [b]) => (a < b ? -1 : 1));
    return new Fixings(days.slice(-RATE_DAYS_KEPT));
  }

  /** The last fixing before the UTC day of `occurredAt`; null: no rate for one of the two. */
  convert(from: string, to: string, occurredAt: number): Rate | null {
    if (from === to) return { rate: 1, day: "" };
    const today = new Date(Math.floor(occurredAt / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
    for (let i = this.days.length - 1; i >= 0; i--) {
      const [day, rates] = this.days[i]!;
      if (day >= today) continue;
      const perEuroFrom = from === "EUR" ? 1 : Number(rates[from]);
      const perEuroTo = to === "EUR" ? 1 : Number(rates[to]);
      if (perEuroFrom > 0 && perEuroTo > 0) return { rate: perEuroTo / perEuroFrom, day };
    }
    return null;
  }
}

/** An amount at a rate, rounded to a ten-thousandth. */
export const atRate = (amount: number, rate: number): number => (rate === 1 ? amount : Math.round(amount * rate));
