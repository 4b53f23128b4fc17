// When a room is pushed: when its figures changed, but at most every 250 ms; and once a second even where nothing changed,
// since ages, windows and freshness move with the clock.
import { HEARTBEAT_EVERY_MS, PUSH_EVERY_MS } from "../contract/wall.ts";

export interface RoomState {
  readonly sequence: number;
  readonly pushedAt: number;
  /** Model.changes() at the last push. */
  readonly changes: number;
}

export const newRoom: RoomState = { sequence: 0, pushedAt: -Infinity, changes: -1 };

/** Timers fire a little early or late; a push may come this much before its time. */
const EARLY_MS = 20;

export function isDue(room: RoomState, changes: number, now: number): boolean {
  const age = now - room.pushedAt + EARLY_MS;
  return age >= HEARTBEAT_EVERY_MS || (age >= PUSH_EVERY_MS && changes !== room.changes);
}

export function pushed({ sequence }: RoomState, changes: number, now: number): RoomState {
  return { sequence: sequence + 1, pushedAt: now, changes };
}
