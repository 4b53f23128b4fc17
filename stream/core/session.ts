// A session and its orders: the facts that decide what an event does. Every fact carries the offset that made it, and is
// asked for "as of" an offset, never for its mere presence: that makes replay give the same result (docs/architecture.md).
import type { OrderLine, ShopEvent } from "../../producers/contract/events.ts";
import { clean } from "./clean.ts";
import type { Row } from "./row.ts";

/** `session`: as a collector set it · `order`: an order without a session · `refund`: a refund that names no order. */
export type SessionKind = "session" | "order" | "refund";

export interface SessionKey {
  readonly kind: SessionKind;
  readonly id: string;
  readonly startedAt: number;
}

/** No offset yet. */
export const NEVER = -1;

/** What a session is cut by: those of its first record in the log. */
export interface Profile {
  readonly store: string;
  readonly visitor: string;
  readonly customer: string;
  readonly channel: string;
  readonly campaign: string;
  readonly country: string;
  readonly region: string;
  readonly device: string;
  readonly segment: string;
  readonly bot: boolean;
}

export interface SessionRow extends Row {
  readonly key: SessionKey;
  profile: Profile;
  /** The series of panes it counts into; made from the profile, not stored. */
  series: readonly number[] | null;
  firstOffset: number;
  firstOrder: number;
  firstCart: number;
  firstCheckout: number;
  /** Greatest of its start and its events' occurred_at: how long it stays in memory. */
  activeAt: number;
  /** Greatest occurred_at: whether it is a visitor now. */
  lastEventAt: number;
  /** Hash of each event id, and the offset where it was first seen. */
  readonly seen: Map<number, number>;
  /** By order_id; a refund that names no order keeps its takes under the empty id. */
  orders: Map<string, OrderRow> | null;
}

/** Something that was taken off an order, in the order's own currency and in the store's. */
export interface Take {
  readonly at: number;
  readonly kind: "refund" | "cancellation";
  readonly id: string;
  readonly occurredAt: number;
  readonly original: Parts;
  readonly reported: Parts;
}

export interface Parts {
  readonly goods: number;
  readonly tax: number;
  readonly shipping: number;
}

/** The order itself, once its record was seen. */
export interface Placed {
  readonly at: number;
  readonly occurredAt: number;
  readonly currency: string;
  /** 0: there was no rate. */
  readonly rate: number;
  readonly rateDay: string;
  /** What may be taken off it at most, in its own currency. */
  readonly worth: Parts;
  /** In the store's currency. */
  readonly gross: number;
  readonly discount: number;
  readonly tax: number;
  readonly shipping: number;
  readonly units: number;
  readonly verdict: "counted" | "filtered-amount" | "filtered-fx";
  readonly lines: readonly OrderLine[];
}

export interface OrderRow extends Row {
  readonly session: SessionRow;
  readonly orderId: string;
  placedAt: number;
  placed: Placed | null;
  /** By kind and id. */
  readonly takes: Map<string, Take>;
}

/** Was this fact made before `offset`? */
export const before = (at: number | undefined, offset: number): boolean =>
  at !== undefined && at !== NEVER && at < offset;

export const keyText = (key: SessionKey): string => `${key.kind}|${key.startedAt}|${key.id}`;

/** Which session an event belongs to. */
export function sessionKeyOf(event: ShopEvent): SessionKey {
  if (event.type === "order_refunded" && event.order_id === null)
    return { kind: "refund", id: event.refund_id, startedAt: event.placed_at };
  if (event.session_id !== null) return { kind: "session", id: event.session_id, startedAt: event.session_started_at! };
  if ("placed_at" in event) return { kind: "order", id: event.order_id!, startedAt: event.placed_at };
  throw new Error(`${event.type} without a session must have been screened out`);
}

export function profileOf(event: ShopEvent): Profile {
  return {
    store: event.store,
    visitor: event.visitor_id ?? "",
    customer: event.customer_id ?? "",
    channel: clean.channel(event.channel),
    campaign: event.campaign ?? "",
    country: clean.country(event.country),
    region: event.region ?? "",
    device: clean.device(event.device),
    segment: clean.segment(event.segment),
    bot: clean.bot(event.user_agent),
  };
}

export function newSession(key: SessionKey, profile: Profile): SessionRow {
  return {
    key,
    profile,
    series: null,
    firstOffset: NEVER,
    firstOrder: NEVER,
    firstCart: NEVER,
    firstCheckout: NEVER,
    activeAt: key.startedAt,
    lastEventAt: 0,
    seen: new Map(),
    orders: null,
    base: -1,
    upto: -1,
    version: 0,
    saved: 0,
  };
}

export function newOrder(session: SessionRow, orderId: string, placedAt: number): OrderRow {
  return { session, orderId, placedAt, placed: null, takes: new Map(), base: -1, upto: -1, version: 0, saved: 0 };
}

/** What was taken off an order by records before `offset`, in its own currency. */
export function takenBefore(order: OrderRow, offset: number): Parts {
  let goods = 0;
  let tax = 0;
  let shipping = 0;
  for (const take of order.takes.values()) {
    if (take.at >= offset) continue;
    goods += take.original.goods;
    tax += take.original.tax;
    shipping += take.original.shipping;
  }
  return { goods, tax, shipping };
}
