// Reference rates of a day, as the European Central Bank publishes them: 1 EUR = r, on weekdays, in the afternoon.
// The levels are real, the path is made up: a slow wave and a little noise, a function of the day alone.
import { Random } from "./random.ts";
import { DAY, HOUR, MINUTE } from "./shop.ts";

const LEVELS: Readonly<Record<string, number>> = {
  USD: 1.0956,
  GBP: 0.8578,
  JPY: 162.31,
  CHF: 0.9514,
  SEK: 11.372,
  AUD: 1.6486,
  PLN: 4.3012,
};

/** After midnight UTC, ms: when a day's fixing is published. */
export const PUBLISHED_AT = 15 * HOUR + 5 * MINUTE;

export interface Fixing {
  /** UTC day, YYYY-MM-DD. */
  readonly day: string;
  readonly publishedAt: number;
  /** ISO 4217 to decimal text. */
  readonly rates: Readonly<Record<string, string>>;
}

/** The fixing of the UTC day that begins at `day` (ms); null at weekends. */
export function fixingOf(seed: number, day: number): Fixing | null {
  const weekday = new Date(day).getUTCDay();
  if (weekday === 0 || weekday === 6) return null;
  const number = day / DAY;
  const random = new Random(seed, "fixing", number);
  const rates = Object.entries(LEVELS).map(([currency, level], index) => {
    const wave = 0.02 * Math.sin((2 * Math.PI * number) / (83 + 13 * index) + index);
    return [currency, (level * (1 + wave + 0.003 * random.normal())).toPrecision(5)] as const;
  });
  return {
    day: new Date(day).toISOString().slice(0, 10),
    publishedAt: day + PUBLISHED_AT,
    rates: Object.fromEntries(rates),
  };
}
