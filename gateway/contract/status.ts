// What /api/status answers: the accounting of records per partition, lag, dead letters, and what stands around it.
import type { Counters } from "../../stream/contract/accounting.ts";

export interface PartitionStatus {
  readonly source: string;
  readonly partition: number;
  readonly worker: string;
  readonly counters: Counters;
  /** Records consumed as the position says it: equals the sum of the counters, or the difference is shown. */
  readonly consumed: number;
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

export interface Status {
  readonly serverNow: number;
  readonly build: string;
  readonly partitions: readonly PartitionStatus[];
  /** null: storage did not answer. */
  readonly deadLetters: {
    readonly byReason: Readonly<Record<string, number>>;
    readonly newest: readonly DeadLetter[];
  } | null;
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
