// What the collector needs of a log.
import type { ShopEvent } from "../contract/events.ts";

/**
 * Resolves when the log has acknowledged every event. Rejects with Unacknowledged where it has not, or not in time: then some of
 * them may be on the log nevertheless.
 */
export type Append = (events: readonly ShopEvent[]) => Promise<void>;

export class Unacknowledged extends Error {}
