// How many sessions a minute may expect: the hour of the day, the day of the week and the season, all in store time.
import { MINUTE, type Shop } from "./shop.ts";
import type { StoreTime } from "./store-time.ts";

/** Share of an average hour, by local hour: quiet nights, a lunch hump, a long evening peak. */
const BY_HOUR = [
  0.34, 0.2, 0.13, 0.1, 0.11, 0.2, 0.45, 0.78, 1.0, 1.12, 1.2, 1.25, 1.38, 1.35, 1.22, 1.18, 1.2, 1.3, 1.46, 1.72, 1.95,
  1.88, 1.4, 0.82,
] as const;
/** From Monday: people browse on Sunday evenings and are out on Saturdays. */
const BY_WEEKDAY = [1.05, 1.02, 1.0, 1.0, 0.95, 0.86, 1.12] as const;
/** From January. The last quarter has 1.4 times the traffic of the other months. */
const BY_MONTH = [0.99, 0.96, 0.98, 1.0, 1.02, 1.0, 0.97, 0.98, 1.1, 1.32, 1.48, 1.4] as const;

const MEAN_HOUR = BY_HOUR.reduce<number>((sum, share) => sum + share, 0) / 24;
const MEAN_WEEKDAY = BY_WEEKDAY.reduce<number>((sum, share) => sum + share, 0) / 7;

/** Sessions expected to start in the minute that begins at `ms`. */
export function expectedSessions(shop: Shop, time: StoreTime, ms: number): number {
  const { hour, weekday, month } = time.at(ms);
  return (
    (shop.sessionsPerDay / (24 * 60)) *
    (smooth(hour) / MEAN_HOUR) *
    (BY_WEEKDAY[weekday]! / MEAN_WEEKDAY) *
    BY_MONTH[month - 1]!
  );
}

/** Sessions expected in [from, to), ms; exact to the quarter hour. For progress bars. */
export function expectedBetween(shop: Shop, time: StoreTime, from: number, to: number): number {
  const step = 15 * MINUTE;
  let sum = 0;
  for (let at = from; at < to; at += step) sum += expectedSessions(shop, time, at) * (Math.min(step, to - at) / MINUTE);
  return sum;
}

/** Between the middles of two hours the traffic goes over evenly. */
function smooth(hour: number): number {
  const middle = hour - 0.5;
  const before = Math.floor(middle);
  const share = middle - before;
  return BY_HOUR[(before + 24) % 24]! * (1 - share) + BY_HOUR[(before + 1) % 24]! * share;
}
