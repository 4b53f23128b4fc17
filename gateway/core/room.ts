// When a room is pushed: as soon as its figures changed, but a quarter of a second after the push before at the earliest; and
// once a second even where nothing changed, since ages, windows and freshness move with the clock.
import { HEARTBEAT_EVERY_MS, PUSHES_PER_SECOND, RESENT_POINTS, WHOLE_EVERY } from "../contract/wall.ts";

export interface RoomState {
  readonly sequence: number;
  /** ms. */
  readonly pushedAt: number;
  /** Model.changes() at the last push. */
  readonly changes: number;
}

export const newRoom: RoomState = { sequence: 0, pushedAt: -Infinity, changes: -1 };

/** Timers fire a little early or late; a push may come this much before its time. */
const EARLY_MS = 20;

export function isDue({ pushedAt, changes: before }: RoomState, changes: number, now: number): boolean {
  const since = now - pushedAt + EARLY_MS;
  return since >= HEARTBEAT_EVERY_MS || (changes !== before && since >= 1000 / PUSHES_PER_SECOND);
}

export const pushed = ({ sequence }: RoomState, changes: number, now: number): RoomState => ({
  sequence: sequence + 1,
  pushedAt: now,
  changes,
});

/**
 * The points of each line that this push carries; null: all. Whole lines go out now and then, whatever has changed: pushes are
 * volatile, and a screen that missed the one about an old minute would show it wrong until it reconnects.
 */
export const pointsOf = ({ sequence }: RoomState): number | null =>
  sequence % WHOLE_EVERY === 0 ? null : RESENT_POINTS;
