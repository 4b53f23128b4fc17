// What has to be said about a shop before it can be simulated.

export interface Shop {
  /** The same seed gives the same shop: people, products, traffic. */
  readonly seed: number;
  readonly store: string;
  /** IANA zone: the shop's days and rhythms follow it. */
  readonly timeZone: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Sessions of an average day outside the last quarter. */
  readonly sessionsPerDay: number;
}

/** Some 55,000 events a day, 75,000 in November; at a busy hour an order every other minute. */
export const DEFAULT_SESSIONS_PER_DAY = 15_000;

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** Ten-thousandths in a currency unit: the unit of every amount. */
export const UNIT = 10_000;
