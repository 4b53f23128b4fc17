// consumed = counted + duplicate + filtered + dead letter, per partition. Every record ends in exactly one of these.

export const VERDICTS = [
  "counted",
  "duplicate",
  "filtered-bot",
  "filtered-test",
  "filtered-amount",
  "filtered-fx",
  "dead-letter",
] as const;

export type Verdict = (typeof VERDICTS)[number];
export type Counters = Record<Verdict, number>;

export const noCounters = (): Counters =>
  Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<Verdict, number>;

/** All records accounted for: must equal the offsets consumed less gaps. */
export function accounted(counters: Readonly<Counters>): number {
  return VERDICTS.reduce((sum, verdict) => sum + counters[verdict], 0);
}

/** Records from the first offset up to the position: offsets less those that hold none of ours. */
export const consumed = (of: {
  readonly position: number;
  readonly firstOffset: number;
  readonly gaps: number;
}): number => of.position - of.firstOffset - of.gaps;
