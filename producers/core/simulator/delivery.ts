// From the shop to the log: every event takes a moment, a few take hours, and some are sent twice.
import type { ShopEvent } from "../../contract/events.ts";
import { incidentAt, type Incident } from "./incidents.ts";
import type { Random } from "./random.ts";
import { HOUR, MINUTE } from "./shop.ts";

/** An event as it reaches the log. */
export interface Arrival {
  /** When, ms UTC; never before it occurred. */
  readonly at: number;
  /** 0 for the event itself, 1 and more for exact copies that were sent again. */
  readonly copy: number;
  readonly event: ShopEvent;
}

const LATE = 0.004;
const LATEST = 4 * HOUR;
const REPEATED = 0.003;
const LONGEST_REPEAT = 10 * MINUTE;
const LONGEST_TRANSIT = 5000;
/** After the end of a late burst, all that was held back comes within this. */
const BURST = 2 * MINUTE;

/** Outside a late burst, everything has arrived by then, ms after it occurred. */
export const LONGEST_DELAY = LATEST + LONGEST_REPEAT + LONGEST_TRANSIT;
/** Within a late burst: ms after its end. */
export const LONGEST_BURST = BURST + LONGEST_REPEAT + LONGEST_TRANSIT;

/** Every time one event arrives; none if nothing could be sent. Draws the same numbers whatever the incidents. */
export function deliver(event: ShopEvent, random: Random, incidents: readonly Incident[]): Arrival[] {
  const transit = Math.min(60 + random.exponential(220), LONGEST_TRANSIT);
  const late = random.chance(LATE) ? MINUTE * (LATEST / MINUTE) ** random.next() - transit : 0;
  const hold = random.next() * BURST;
  const again = random.chance(REPEATED);
  const gap = Math.min(1000 + random.exponential(MINUTE), LONGEST_REPEAT);
  const storm = 1 + random.below(3);

  const on = (kind: Incident["kind"]): Incident | undefined =>
    incidentAt(incidents, kind, event.occurred_at, event.channel);
  if (incidents.length > 0 && on("silence")) return [];
  const burst = incidents.length > 0 ? on("late-burst") : undefined;
  const copies = incidents.length > 0 && on("duplicate-storm") ? storm : again ? 1 : 0;
  const sent = Math.floor(event.occurred_at + transit + late);
  const first = burst === undefined ? sent : Math.max(sent, Math.floor(burst.to + hold));
  return Array.from({ length: copies + 1 }, (_, copy) => ({
    at: first + Math.floor((gap * copy) / Math.max(copies, 1)),
    copy,
    event,
  }));
}
