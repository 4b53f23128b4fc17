// A log in memory, as the collector sees one: it acknowledges when it is let, or refuses.
import type { ShopEvent } from "../../producers/contract/events.ts";
import { Unacknowledged, type Append } from "../../producers/io/append.ts";

export class MemoryLog {
  readonly events: ShopEvent[] = [];
  up = true;
  /** Resolves before anything is acknowledged. */
  before: Promise<void> = Promise.resolve();
  /** How often it was given something. */
  asked = 0;

  readonly append: Append = async (events) => {
    this.asked++;
    await this.before;
    if (!this.up) throw new Unacknowledged("away");
    this.events.push(...events);
  };

  ids(): string[] {
    return this.events.map(({ event_id }) => event_id);
  }
}
