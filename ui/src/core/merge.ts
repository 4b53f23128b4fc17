// Pushes carry only the last few points of each series; here they join what the screen has. Points are keyed by pane start.
import type { Series, TileId, WallState } from "../../../gateway/contract/wall.ts";

/**
 * The new state with complete series. null: points are missing in between, or time went back and took points away, so that a
 * snapshot has to be asked for.
 */
export function merge(known: WallState, push: WallState): WallState | null {
  const series: Partial<Record<TileId, Series>> = {};
  for (const [id, part] of Object.entries(push.series) as [TileId, Series][]) {
    const whole = known.series[id];
    const joined = whole ? join(whole, part) : part;
    if (joined === null) return null;
    series[id] = joined;
  }
  return { ...push, tiles: { ...known.tiles, ...push.tiles }, series: { ...known.series, ...series } };
}

/** Keeps the number of points, so that memory does not grow: as many leave at the left as come at the right. */
function join(whole: Series, part: Series): Series | null {
  const first = part.start[0];
  if (first === undefined) return { ...whole, settledUntil: part.settledUntil, revised: part.revised };
  const last = whole.start.at(-1) ?? -Infinity;
  const step = whole.start.length > 1 ? whole.start[1]! - whole.start[0]! : Infinity;
  if (first > last + step) return null;
  const cut = whole.start.findIndex((start) => start >= first);
  const keep = cut === -1 ? whole.start.length : cut;
  if (keep + part.start.length < whole.start.length) return null;
  const column = <T>(old: readonly T[], fresh: readonly T[]): T[] =>
    [...old.slice(0, keep), ...fresh].slice(-whole.start.length);
  return {
    start: column(whole.start, part.start),
    now: column(whole.now, part.now),
    ghost: column(whole.ghost, part.ghost),
    settledUntil: part.settledUntil,
    revised: part.revised,
  };
}
