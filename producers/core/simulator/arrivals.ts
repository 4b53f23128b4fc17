// The simulated shop as its log would show it: every event in the order of arrival, copies included.
//
// A session depends on the seed and its minute alone, so a range can be made from anywhere and cut anywhere:
//
//      from − 21 d           from − a few hours              from                     to
//   ───┼──────────────────────┼──────────────────────────────┼────────────────────────┼──
//      orders that may yet     sessions that may still be    whole minutes are made,
//      be refunded             going on, or arrive late      sorted and given out
import type { ShopEvent } from "../../contract/events.ts";
import { aftermathOf, LONGEST_AFTERMATH } from "./aftermath.ts";
import { backOffice } from "./back-office.ts";
import { Catalogue } from "./catalogue.ts";
import { deliver, LONGEST_BURST, LONGEST_DELAY, type Arrival } from "./delivery.ts";
import { incidentAt, type Incident } from "./incidents.ts";
import { journeyOf, LONGEST_SESSION } from "./journey.ts";
import { People } from "./people.ts";
import { Random } from "./random.ts";
import { MINUTE, type Shop } from "./shop.ts";
import { StoreTime } from "./store-time.ts";
import { Visits, type Visit } from "./visits.ts";

const minuteOf = (ms: number): number => Math.floor(ms / MINUTE) * MINUTE;

/**
 * All that arrives in [from, to), ms UTC, a minute of arrivals at a time, ordered within and across.
 * `to` may be Infinity: only what is still on its way is held in memory.
 */
export function* arrivals(
  shop: Shop,
  incidents: readonly Incident[],
  from: number,
  to: number,
): Generator<readonly Arrival[], void, void> {
  const time = new StoreTime(shop.timeZone);
  const catalogue = new Catalogue(shop.seed);
  const visits = new Visits(shop, time, new People(shop, time));
  const waiting = new Map<number, Arrival[]>();

  const put = (arrival: Arrival): void => {
    if (arrival.at < from || arrival.at >= to) return;
    const minute = minuteOf(arrival.at);
    const others = waiting.get(minute);
    if (others === undefined) waiting.set(minute, [arrival]);
    else others.push(arrival);
  };
  const send = (events: readonly ShopEvent[], path: string): void => {
    const random = new Random(shop.seed, path);
    for (const event of events) for (const arrival of deliver(event, random, incidents)) put(arrival);
  };
  /** The session itself is left out where it is long over. */
  const live = (visit: Visit, isOngoing: boolean): void => {
    const { events, order, voice } = journeyOf(shop, catalogue, visit, incidents);
    if (isOngoing) send(events, `to-log ${visit.key}`);
    // An order that nobody heard of is never refunded.
    if (order === null || incidentAt(incidents, "silence", order.occurred_at, order.channel) !== undefined) return;
    send(aftermathOf(shop, order, voice), `later ${visit.key}`);
  };

  const ongoing = minuteOf(earliestOngoing(from, incidents));
  for (let minute = minuteOf(ongoing - LONGEST_AFTERMATH); minute < ongoing; minute += MINUTE)
    for (const visit of visits.startingIn(minute, incidents, true)) live(visit, false);
  for (let minute = ongoing; minute < to; minute += MINUTE) {
    for (const visit of visits.startingIn(minute, incidents)) live(visit, true);
    for (const arrival of backOffice(shop, time, catalogue, minute))
      if (incidentAt(incidents, "silence", arrival.event.occurred_at, arrival.event.channel) === undefined)
        put(arrival);
    if (minute < minuteOf(from)) continue;
    const arrived = waiting.get(minute);
    waiting.delete(minute);
    if (arrived !== undefined) yield arrived.sort(byArrival);
  }
}

/** Whoever started before this can have nothing left to arrive from `from` on, but for refunds and cancellations. */
function earliestOngoing(from: number, incidents: readonly Incident[]): number {
  const held = incidents
    .filter(({ kind, to }) => kind === "late-burst" && to + LONGEST_BURST > from)
    .map((burst) => burst.from);
  return Math.min(from - LONGEST_DELAY, ...held) - LONGEST_SESSION;
}

/** By time; what arrives in the same millisecond, by id and copy, so that the order never depends on how it was made. */
function byArrival(a: Arrival, b: Arrival): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.event.event_id !== b.event.event_id) return a.event.event_id < b.event.event_id ? -1 : 1;
  return a.copy - b.copy;
}
