import type { Series } from "../../../gateway/contract/wall.ts";

type Column = (number | null)[];

/**
 * A series as a chart's columns: x in seconds, last week, final points, provisional points (they meet in one point), and the
 * points whose own minute was revised.
 */
export function columnsOf({ start, now, ghost, settledUntil, revised }: Series): [number[], ...Column[]] {
  const until = settledUntil ?? Infinity;
  const first = start.findIndex((at) => at >= until);
  const meet = first === -1 ? start.length : first;
  const x = start.map((at) => at / 1000);
  const final = now.map((value, index) => (index < meet ? value : null));
  const provisional = now.map((value, index) => (index >= meet - 1 && first !== -1 ? value : null));
  const at = new Set(revised.start);
  const marked = now.map((value, index) => (at.has(start[index]!) ? value : null));
  return [x, [...ghost], final, provisional, marked];
}
