// What /api/status answers: the accounting of records per partition, lag, dead letters, and what stands around it.
import type { Counters } from "../../stream/contract/accounting.ts";

export interface PartitionStatus {
  readonly source: string;
  readonly partition: number;
  readonly worker: string;
  readonly counters: Counters;
  /** Records consumed as the position says it: equals the sum of the counters and what is parked, or the difference is shown. */
  readonly consumed: number;
  /** Of those, records that wait for storage: no counter has them yet. */
  readonly parked: number;
  readonly position: number;
  readonly storedPosition: number;
  readonly logEnd: number;
  /** Records not yet folded. */
  readonly lag: number;
  /** Seconds between the append of the last folded record and now; 0 where caught up. */
  readonly lagSeconds: number;
  readonly watermark: number | null;
  readonly state: "live" | "idle" | "behind" | "stale";
  readonly heardAt: number;
  /** Records behind the watermark when they came. */
  readonly late: number;
}

export interface DeadLetter {
  readonly source: string;
  readonly partition: number;
  readonly offset: number;
  readonly appendedAt: number;
  readonly reason: string;
  readonly type: string;
  readonly detail: string;
}

/** What counts twice though each part of it is exact (docs/exactness.md); `npm run reconcile` lists it. */
export interface Doubles {
  /** Order ids under more than one session, by store, where more than the first order still stands. A store without any is not named. */
  readonly orderIds: Readonly<Record<string, number>>;
  /** Sessions in more than one partition. */
  readonly sessions: number;
}

/** How far back each of them is looked for, by the start of the session, days. */
export const DOUBLES_DAYS = { orderIds: 30, sessions: 1 } as const satisfies Record<keyof Doubles, number>;

export interface Status {
  readonly serverNow: number;
  readonly build: string;
  readonly partitions: readonly PartitionStatus[];
  /** null: storage did not answer. */
  readonly deadLetters: {
    readonly byReason: Readonly<Record<string, number>>;
    readonly newest: readonly DeadLetter[];
  } | null;
  /** As of the last minute. null: storage has not answered. */
  readonly doubles: Doubles | null;
  readonly storageUp: boolean;
  readonly screens: number;
}

/** One month of a store, in store time. Money in ten-thousandths. */
export interface MonthRow {
  /** YYYY-MM. */
  readonly month: string;
  readonly netSales: number;
  readonly gross: number;
  readonly refunds: number;
  readonly orders: number;
  readonly aov: number | null;
}
