// What the gateway sums per minute: the measures of a pane, and two moments of order value, so that the spread behind a mean
// order value can be had for any window. All are integers, so sums can be subtracted again without an error creeping in.
import { MEASURES } from "../../stream/contract/measures.ts";
import { valueOf } from "../../stream/contract/quantile-sketch.ts";

/** Money moments are kept in hundredths of a currency unit: squares of ten-thousandths would leave the safe integers. */
const TEN_THOUSANDTHS_PER_HUNDREDTH = 100;

/** Index of Σ order value as the sketch has it, in hundredths of a currency unit. */
const VALUE_SUM = MEASURES.length;
/** Index of Σ (order value)², in hundredths squared. */
const VALUE_SQUARES = MEASURES.length + 1;
/** Index of the number of orders in the sketch. */
const VALUE_COUNT = MEASURES.length + 2;
/** Length of a vector. */
export const WIDTH = MEASURES.length + 3;

export type Vector = number[];

export const zeros = (): Vector => Array.from({ length: WIDTH }, () => 0);

/** The vector of a pane. A sketch is a sum over orders, so its moments add like every other measure. */
export function vectorOf(
  measures: readonly number[],
  sketchIndex: readonly number[],
  sketchCount: readonly number[],
): Vector {
  const vector = zeros();
  MEASURES.forEach((_, index) => (vector[index] = measures[index] ?? 0));
  sketchIndex.forEach((bucket, i) => {
    const count = sketchCount[i] ?? 0;
    const value = Math.round(valueOf(bucket) / TEN_THOUSANDTHS_PER_HUNDREDTH);
    vector[VALUE_SUM]! += count * value;
    vector[VALUE_SQUARES]! += count * value * value;
    vector[VALUE_COUNT]! += count;
  });
  return vector;
}

/** Mean and variance of one order's value, in ten-thousandths, as far as the sketch (1 %) tells; null below two orders. */
export function orderSpread(sum: ArrayLike<number>): { n: number; variance: number } | null {
  const n = sum[VALUE_COUNT]!;
  if (n < 2) return null;
  const mean = sum[VALUE_SUM]! / n;
  const variance = Math.max(0, (sum[VALUE_SQUARES]! - n * mean * mean) / (n - 1));
  return { n, variance: variance * TEN_THOUSANDTHS_PER_HUNDREDTH ** 2 };
}
