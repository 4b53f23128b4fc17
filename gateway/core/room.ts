// When a room is pushed: as soon as its figures changed, but at most four times a second; and once a second even where nothing
// changed, since ages, windows and freshness move with the clock.
import { HEARTBEAT_EVERY_MS, PUSHES_PER_SECOND, RESENT_POINTS, WHOLE_EVERY } from "../contract/wall.ts";

export interface RoomState {
  readonly sequence: number;
  /** The last pushes, oldest first: as many as are allowed in a second. */
  readonly pushedAt: readonly number[];
  /** Model.changes() at the last push. */
  readonly changes: number;
}

export const newRoom: RoomState = { sequence: 0, pushedAt: [], changes: -1 };

/** Timers fire a little early or late; a push may come this much before its time. */
const EARLY_MS = 20;

export function isDue({ pushedAt, changes: before }: RoomState, changes: number, now: number): boolean {
  const last = pushedAt.at(-1) ?? -Infinity;
  if (now - last + EARLY_MS >= HEARTBEAT_EVERY_MS) return true;
  const allowed = pushedAt.length < PUSHES_PER_SECOND || now - pushedAt[0]! + EARLY_MS >= 1000;
  return allowed && changes !== before;
}

export function pushed({ sequence, pushedAt }: RoomState, changes: number, now: number): RoomState {
  return { sequence: sequence + 1, pushedAt: [...pushedAt, now].slice(-PUSHES_PER_SECOND), changes };
}

/**
 * The points of each line that this push carries; null: all. Whole lines go out now and then, whatever has changed: pushes are
 * volatile, and a screen that missed the one about an old minute would show it wrong until it reconnects.
 */
export const pointsOf = ({ sequence }: RoomState): number | null =>
  sequence % WHOLE_EVERY === 0 ? null : RESENT_POINTS;
