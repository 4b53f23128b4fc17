// A sum over panes: the measures, and the merged sketch of order value. All are integers, so what was added can be taken off
// again without a trace: adding and taking off in any order gives what summing anew gives.
import { MEASURES } from "../../stream/contract/measures.ts";
import { valueOf } from "../../stream/contract/quantile-sketch.ts";

export interface ReadonlyMeasures {
  /** In the order of MEASURES. */
  readonly measures: readonly number[];
}

export interface ReadonlySum extends ReadonlyMeasures {
  /** Orders by bucket of the quantile sketch; a bucket without orders is not there. */
  readonly sketch: ReadonlyMap<number, number>;
}

/** What can be added and taken off again. */
export interface Total {
  add(part: ReadonlySum): void;
  subtract(part: ReadonlySum): void;
}

/** The measures alone, where nobody asks for quantiles. */
export class Measured implements Total, ReadonlyMeasures {
  readonly measures: number[] = MEASURES.map(() => 0);

  add({ measures }: ReadonlySum): void {
    for (let i = 0; i < measures.length; i++) this.measures[i]! += measures[i]!;
  }

  subtract({ measures }: ReadonlySum): void {
    for (let i = 0; i < measures.length; i++) this.measures[i]! -= measures[i]!;
  }
}

const NO_ORDERS: ReadonlyMap<number, number> = new Map();

export class Sum extends Measured implements ReadonlySum {
  /** Made with the first order: most minutes of most series have none. */
  #sketch: Map<number, number> | null = null;

  get sketch(): ReadonlyMap<number, number> {
    return this.#sketch ?? NO_ORDERS;
  }

  override add(part: ReadonlySum): void {
    super.add(part);
    for (const [bucket, count] of part.sketch) this.count(bucket, count);
  }

  override subtract(part: ReadonlySum): void {
    super.subtract(part);
    for (const [bucket, count] of part.sketch) this.count(bucket, -count);
  }

  /** So many orders more, or fewer, in a bucket. */
  count(bucket: number, orders: number): void {
    const count = (this.#sketch?.get(bucket) ?? 0) + orders;
    if (count === 0) this.#sketch?.delete(bucket);
    else (this.#sketch ??= new Map<number, number>()).set(bucket, count);
  }
}

/** The sum of one pane. */
export function sumOf(
  measures: readonly number[],
  sketchIndex: readonly number[],
  sketchCount: readonly number[],
): Sum {
  const sum = new Sum();
  for (let i = 0; i < sum.measures.length; i++) sum.measures[i] = measures[i] ?? 0;
  sketchIndex.forEach((bucket, i) => sum.count(bucket, sketchCount[i] ?? 0));
  return sum;
}

/** A share of a sum, in whole numbers. */
export function shareOf({ measures, sketch }: ReadonlySum, share: number): Sum {
  const part = new Sum();
  measures.forEach((amount, i) => (part.measures[i] = Math.round(amount * share)));
  for (const [bucket, count] of sketch) part.count(bucket, Math.round(count * share));
  return part;
}

/** Variance of one order's value, in ten-thousandths squared, as far as the sketch (1 %) tells; null below two orders. */
export function orderSpread(sketch: ReadonlySum["sketch"]): { n: number; variance: number } | null {
  const values = [...sketch].map(([bucket, count]) => ({ value: valueOf(bucket), count }));
  const n = values.reduce((sum, { count }) => sum + count, 0);
  if (n < 2) return null;
  const mean = values.reduce((sum, { value, count }) => sum + count * value, 0) / n;
  const squares = values.reduce((sum, { value, count }) => sum + count * (value - mean) ** 2, 0);
  return { n, variance: squares / (n - 1) };
}
