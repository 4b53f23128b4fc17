// Where a producer's events go: Kafka, or a file to look at.
import type { ShopEvent } from "../contract/events.ts";

/** An event, and when it reached the log by its producer's own reckoning (ms UTC; null: as it is sent). */
export interface Sent {
  readonly event: ShopEvent;
  readonly at: number | null;
  /** Where it has to go whatever its key says: to facts that lie in one partition. Absent: by its key. */
  readonly partition?: number;
}

export interface EventSink {
  /** Resolves when there is room for more; so memory stays bounded whatever the other side does. */
  write(sent: Sent): Promise<void>;
  /** Resolves when everything written before is acknowledged. Rejects if it never will be. */
  flush(): Promise<void>;
  /** Flushes and lets go. */
  close(): Promise<void>;
}
