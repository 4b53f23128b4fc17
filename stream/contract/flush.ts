// kpi.panes on the wire: one flush of one source partition. Values are absolute, so that a record seen twice does nothing.
// The gateway keeps the highest `upto` per row; on a tie the last.
import type { Counters } from "./accounting.ts";
import type { Dimension, PaneWidth } from "./dimensions.ts";
import { LATENESS_MS } from "./lateness.ts";

/** One pane of one source partition. */
export interface PaneRow {
  readonly store: string;
  readonly width: PaneWidth;
  readonly dimension: Dimension;
  readonly value: string;
  /** Start of the slice, seconds since 1970 UTC. */
  readonly start: number;
  /** The last offset that changed it. */
  readonly upto: number;
  /** In the order of MEASURES. */
  readonly measures: readonly number[];
  /** Quantile sketch of order value: bucket indexes, ascending, and how many orders fell into each. */
  readonly sketchIndex: readonly number[];
  readonly sketchCount: readonly number[];
}

/** The sessions of a store with an event in the last 5 minutes of event time, on one partition. */
export interface VisitorsNow {
  readonly store: string;
  readonly sessions: number;
}

/** The newest order of a store that this partition has seen. */
export interface LastOrder {
  readonly store: string;
  readonly occurredAt: number;
  /** Gross less discounts, ten-thousandths of the store's currency. */
  readonly value: number;
}

export interface Flush {
  readonly source: string;
  readonly partition: number;
  readonly generation: number;
  readonly worker: string;
  /** Wall clock of the worker, ms. */
  readonly publishedAt: number;
  /** Offset of the next record to fold. */
  readonly position: number;
  /** Offset that the next record of the log will get. */
  readonly logEnd: number;
  /** Kafka's timestamp of the last folded record, ms; null before the first. */
  readonly lastAppendTime: number | null;
  /** Greatest occurred_at − 10 s, ms; null before the first. */
  readonly watermark: number | null;
  /** Records below the position: offsets less those that hold none. Equals the counters and what is parked, or something is lost. */
  readonly consumed: number;
  /** Of those, records that wait for storage: no counter has them yet. */
  readonly parked: number;
  /** The worker's storage answered its last request. */
  readonly storageUp: boolean;
  /** Position that storage is known to hold. */
  readonly storedPosition: number;
  readonly counters: Counters;
  /** Records behind the watermark when they came. */
  readonly late: number;
  readonly visitors: readonly VisitorsNow[];
  readonly lastOrders: readonly LastOrder[];
  readonly panes: readonly PaneRow[];
}

/** What a partition says of how far it has come. */
type Standing = Pick<Flush, "position" | "logEnd" | "lastAppendTime" | "watermark">;

/** A partition that lags by more than this is behind, ms. */
const BEHIND_AFTER_MS = 5000;

/** ms between the append of the last folded record and now; 0 where caught up, Infinity where none was folded yet. */
export function lagOf({ position, logEnd, lastAppendTime }: Omit<Standing, "watermark">, now: number): number {
  if (position >= logEnd) return 0;
  return lastAppendTime === null ? Infinity : Math.max(0, now - lastAppendTime);
}

export const isBehind = (partition: Omit<Standing, "watermark">, now: number): boolean =>
  lagOf(partition, now) > BEHIND_AFTER_MS;

/** The event time (ms) that a partition's gauges are about: now, or how far it has come where it is behind. */
export const gaugedAt = (partition: Standing, now: number): number =>
  isBehind(partition, now) ? (partition.watermark ?? -Infinity) + LATENESS_MS : now;
