// 95 % intervals and the tests that go with them.

/** Two-sided 95 % point of the normal distribution. */
const Z = 1.959963984540054;

/** Wilson score interval of k successes in n trials (Wilson 1927); null where k of n is not a proportion. */
export function wilson(k: number, n: number): readonly [number, number] | null {
  if (n <= 0 || k < 0 || k > n) return null;
  const p = k / n;
  const centre = p + (Z * Z) / (2 * n);
  const half = Z * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
  const scale = 1 + (Z * Z) / n;
  return [Math.max(0, (centre - half) / scale), Math.min(1, (centre + half) / scale)];
}

/** Two-proportion z, pooled: how many standard errors k1/n1 lies above k2/n2; null where there is no such test. */
export function twoProportionZ(k1: number, n1: number, k2: number, n2: number): number | null {
  if (n1 <= 0 || n2 <= 0) return null;
  const pooled = (k1 + k2) / (n1 + n2);
  const variance = pooled * (1 - pooled) * (1 / n1 + 1 / n2);
  return variance > 0 ? (k1 / n1 - k2 / n2) / Math.sqrt(variance) : null;
}

export interface Mean {
  readonly mean: number;
  /** Of one observation. */
  readonly variance: number;
  readonly n: number;
}

/** mean ± 1.96 standard errors: the normal approximation, which order values with a long tail reach slowly. */
export function meanInterval({ mean, variance, n }: Mean): readonly [number, number] {
  const half = Z * Math.sqrt(variance / n);
  return [mean - half, mean + half];
}

/** How many standard errors of the difference a lies above b (Welch); null where neither spreads. */
export function meanDifferenceZ(a: Mean, b: Mean): number | null {
  const variance = a.variance / a.n + b.variance / b.n;
  return variance > 0 ? (a.mean - b.mean) / Math.sqrt(variance) : null;
}

/** Does "no change" lie outside the 95 % interval of the difference? */
export const excludesNoChange = (z: number): boolean => Math.abs(z) > Z;
