// A choice among things that differ in weight.
import type { Random } from "./random.ts";

/** Returns a function that draws one of the list, each in proportion to its weight. */
export function weighted<T>(list: readonly T[], weight: (item: T) => number): (random: Random) => T {
  const bounds: number[] = [];
  let total = 0;
  for (const item of list) bounds.push((total += weight(item)));
  return (random) => {
    const at = random.next() * total;
    let low = 0;
    let high = bounds.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at < bounds[middle]!) high = middle;
      else low = middle + 1;
    }
    return list[low]!;
  };
}
