// The accounting of records, added up (pure). Nothing is assumed: the difference is computed, partition by partition.
import { accounted, VERDICTS, type Counters, type Verdict } from "../../../stream/contract/accounting.ts";
import type { PartitionStatus } from "../../../gateway/contract/status.ts";

export interface Account {
  readonly consumed: number;
  readonly counted: number;
  readonly duplicate: number;
  readonly filtered: number;
  readonly dead: number;
  /** Waits for storage, and is counted then. */
  readonly parked: number;
  /** consumed less all that is accounted for: 0, or something is lost or doubled. In a total: the partitions' differences without sign. */
  readonly difference: number;
  readonly filteredBy: Readonly<Record<string, number>>;
}

type Accounted = Pick<PartitionStatus, "consumed" | "parked" | "counters">;

export function accountOf({ consumed, parked, counters }: Accounted): Account {
  const filters = VERDICTS.filter((verdict) => verdict.startsWith("filtered-"));
  const filteredBy = Object.fromEntries(filters.map((name) => [name.slice("filtered-".length), counters[name]]));
  return {
    consumed,
    counted: counters.counted,
    duplicate: counters.duplicate,
    filtered: filters.reduce((sum, name) => sum + counters[name], 0),
    dead: counters["dead-letter"],
    parked,
    difference: consumed - parked - accounted(counters),
    filteredBy,
  };
}

/** All partitions together. A record lost in one and one doubled in another do not cancel out: the total balances only if each does. */
export function totalOf(partitions: readonly Accounted[]): Account {
  const sum = (of: (one: Accounted) => number): number => partitions.reduce((all, one) => all + of(one), 0);
  const counters = Object.fromEntries(
    VERDICTS.map((verdict: Verdict) => [verdict, sum((one) => one.counters[verdict])]),
  ) as Counters;
  return {
    ...accountOf({ consumed: sum((one) => one.consumed), parked: sum((one) => one.parked), counters }),
    difference: sum((one) => Math.abs(accountOf(one).difference)),
  };
}

/** A part of all records in per cent, two decimals, without the unit; never 0.00 for some nor 100.00 for not all. `whole` > 0. */
export function shareOf(part: number, whole: number): string {
  const percent = (part / whole) * 100;
  if (part > 0 && percent < 0.01) return "<0.01";
  if (part < whole && percent > 99.99) return ">99.99";
  return percent.toFixed(2);
}
