// Where each window begins and ends. Windows are made of whole minutes; the last one may still be open.
//
//   1m:             [minute of asOf … asOf]                   elapsed time:  0 to  1 min
//   15m:            [minute of asOf − 14 min … asOf]          elapsed time: 14 to 15 min
//   today:          [store's midnight … asOf]
//   today-settled:  [store's midnight … watermark − 60 min, whole minutes]
import type { Window } from "../contract/wall.ts";
import { SETTLES_AFTER_MS } from "../../stream/contract/lateness.ts";
import { MINUTE_MS } from "./minute-line.ts";
import type { StoreClock } from "./store-clock.ts";

/** The moments that windows hang on, ms. */
export interface Moments {
  /** Event time that windows end at. */
  readonly asOf: number;
  readonly watermark: number | null;
  readonly clock: StoreClock;
}

/** [from, to) in ms; `from` is a whole minute. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const wholeMinute = (ms: number): number => Math.floor(ms / MINUTE_MS) * MINUTE_MS;

/** Before this, panes of KPIs that settle are final (but for late events). */
export function settledUntil({ asOf, watermark }: Moments): number {
  return wholeMinute(Math.min(asOf, watermark ?? asOf) - SETTLES_AFTER_MS);
}

const rolling =
  (minutes: number) =>
  ({ asOf }: Moments): Span => ({ from: wholeMinute(asOf) - (minutes - 1) * MINUTE_MS, to: asOf });

const SPANS = {
  now: ({ asOf }) => ({ from: asOf, to: asOf }),
  "1m": rolling(1),
  "5m": rolling(5),
  "15m": rolling(15),
  "60m": rolling(60),
  "24h": rolling(24 * 60),
  today: ({ asOf, clock }) => ({ from: clock.midnight(asOf), to: asOf }),
  "today-settled": (moments) => {
    const from = moments.clock.midnight(moments.asOf);
    return { from, to: Math.max(from, settledUntil(moments)) };
  },
} as const satisfies Record<Window, (moments: Moments) => Span>;

export function spanOf(window: Window, moments: Moments): Span {
  return SPANS[window](moments);
}

/**
 * The same span a week before, by the store's wall clock. `today` starts at that day's own midnight, so a day with a clock
 * change compares the same local times, not the same number of hours.
 */
export function weekBefore({ from, to }: Span, clock: StoreClock): Span {
  const end = clock.weekBefore(to);
  return { from: Math.min(clock.weekBefore(from), end), to: end };
}
