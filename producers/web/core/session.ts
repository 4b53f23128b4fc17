// A visit, as all tabs of a browser share it. Its id and its start are made once and never change: the stream knows it by both.
import { parsed } from "./parsed.ts";

export interface Session {
  readonly session_id: string;
  readonly session_started_at: number;
  readonly channel: string;
  readonly campaign?: string | undefined;
}

/** As it is stored: in one piece, so that no tab ever sees the id of one visit with the start of another. */
export interface StoredSession {
  /** Of its latest event. */
  readonly at: number;
  readonly session: Session;
}

/** So long without an event, and the next one begins another session. */
const IDLE_MS = 30 * 60_000;

/** The stored session, if an event at `now` still belongs to it. */
export function going(stored: string | undefined, now: number): StoredSession | null {
  const found = parsed(stored) as StoredSession | null;
  return found && Math.abs(now - found.at) < IDLE_MS ? found : null;
}
