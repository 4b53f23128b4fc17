// A mergeable quantile sketch as plain bucket counts: DDSketch with relative accuracy 1 % (Masson, Rim, Lee, VLDB 2019).
// A value v > 0 falls into bucket ceil(ln v / ln γ), γ = (1 + α) / (1 − α); counts add, so merging is exact and ordered by nothing.

const ACCURACY = 0.01;
const LN_GAMMA = Math.log((1 + ACCURACY) / (1 - ACCURACY));

/** Bucket of a value > 0. */
export function bucketOf(value: number): number {
  return Math.ceil(Math.log(value) / LN_GAMMA);
}

/** The value a bucket stands for; at most 1 % from every value in it. */
export function valueOf(bucket: number): number {
  return (2 * Math.exp(bucket * LN_GAMMA)) / (1 + Math.exp(LN_GAMMA));
}

/** Quantile q of [0, 1] of merged counts, or null when nothing was counted. */
export function quantile(counts: ReadonlyMap<number, number>, q: number): number | null {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = q * (total - 1);
  let before = 0;
  for (const bucket of [...counts.keys()].sort((a, b) => a - b)) {
    before += counts.get(bucket)!;
    if (before > rank) return valueOf(bucket);
  }
  return null;
}
