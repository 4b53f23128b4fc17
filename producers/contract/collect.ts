// What a web page and the collector say to each other. JSON over HTTP; producers/web speaks it, and so may anybody.
//
//   POST /collect   CollectBody   → 200 all accepted, 207 some not: CollectAnswer · otherwise a problem (RFC 9457)
//   GET  /clock                   → ClockAnswer
//
// An event is answered only when Kafka has acknowledged it. Whatever else happens (a problem, no answer at all), nobody knows
// whether it is on the log: it is sent again under the same event_id, and the stream counts it once.
import type { EventOf, EventType } from "./events.ts";

/** What happens in a browser. Refunds, cancellations, stock and rates are known in the shop's back office, and nowhere else. */
export const COLLECTED_TYPES = [
  "session_started",
  "page_viewed",
  "product_viewed",
  "cart_changed",
  "checkout_started",
  "payment_failed",
  "order_placed",
] as const satisfies readonly EventType[];

export type CollectedType = (typeof COLLECTED_TYPES)[number];

/** An event as it is sent: fields that have a default in their schema may be left out, the user agent is the request's. */
export type Collected<T extends CollectedType = CollectedType> = T extends T ? Omit<EventOf<T>, "user_agent"> : never;

/** A larger body is refused with 413. It is also what browsers let a page send while it closes. */
export const MAX_BODY_BYTES = 64 * 1024;
export const MAX_BODY_EVENTS = 500;

export interface CollectBody {
  /** 1 to MAX_BODY_EVENTS of Collected. */
  events: readonly unknown[];
  /** Events that the page had to let go since the last answer, for want of room. */
  lost?: number;
}

/** Why an event was not accepted. It would not be the next time either. */
export type Rejection =
  | "invalid" // not the shape of its type
  | "type-unknown"
  | "type-not-collected" // of the back office
  | "store-unknown"
  | "future"; // a time later than the collector's clock allows

export type EventAnswer = { index: number; event_id: string | null } & (
  | { status: "accepted" }
  | { status: "rejected"; reason: Rejection; detail: string }
);

export interface ClockAnswer {
  /** The collector's clock, ms since 1970 UTC. */
  now: number;
}

export interface CollectAnswer extends ClockAnswer {
  accepted: number;
  rejected: number;
  /** In the order in which they were sent. */
  events: EventAnswer[];
}
