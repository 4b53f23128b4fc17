// A session and its orders: the facts that decide what an event does. Every fact carries the offset that made it, and is
// asked for "as of" an offset, never for its mere presence: that makes replay give the same result (docs/exactness.md).
import type { OrderLine, ShopEvent } from "../../producers/contract/events.ts";
import type { Row } from "./row.ts";

/**
 * `session`: as a collector set it · `order`: an order without a session · `refund`: a refund that names no order. The place in
 * this list is the number that stands for it in rows and hashes.
 */
export const SESSION_KINDS = ["session", "order", "refund"] as const;
export type SessionKind = (typeof SESSION_KINDS)[number];
export const kindNumber = (kind: SessionKind): number => (kind === "session" ? 0 : SESSION_KINDS.indexOf(kind));

export interface SessionKey {
  readonly kind: SessionKind;
  readonly id: string;
  readonly startedAt: number;
}

/** A session of more events is no visit, but an id that somebody uses for ever: what comes then is a dead letter. */
export const MOST_EVENTS = 10_000;

/** No offset yet. */
export const NEVER = -1;

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

const NONE_TAKEN: ReadonlyMap<string, Take> = new Map();

export class OrderRow implements Row {
  /** Of its session, which stays in memory as long as the order is to be stored. */
  slot = -1;
  readonly orderId: string;
  readonly placedAt: number;
  placed: Placed | null = null;
  #takes: Map<string, Take> | null = null; // most orders are never given back
  base = -1;
  upto = -1;
  version = 0;
  saved = 0;
  queued = false;

  constructor(orderId: string, placedAt: number) {
    this.orderId = orderId;
    this.placedAt = placedAt;
  }

  /** By kind and id. */
  get takes(): ReadonlyMap<string, Take> {
    return this.#takes ?? NONE_TAKEN;
  }

  take(take: Take): void {
    (this.#takes ??= new Map()).set(takeKey(take), take);
  }
}

export const takeKey = (take: Pick<Take, "kind" | "id">): string => `${take.kind}|${take.id}`;

/** Was this fact made before `offset`? */
export const before = (at: number, offset: number): boolean => at !== NEVER && at < offset;

export const keyText = (key: SessionKey): string => `${key.kind}|${key.startedAt}|${key.id}`;

/** Which session an event belongs to. */
export function sessionKeyOf(event: ShopEvent): SessionKey {
  if (event.type === "order_refunded" && event.order_id === null)
    return { kind: "refund", id: event.refund_id, startedAt: event.placed_at };
  if (event.session_id !== null) return { kind: "session", id: event.session_id, startedAt: event.session_started_at! };
  if ("placed_at" in event) return { kind: "order", id: event.order_id!, startedAt: event.placed_at };
  throw new Error(`${event.type} without a session must have been screened out`);
}

/** Where a session is found in a hash table: by its id's hash, its kind and its start. */
export const rowHash = (idHash: number, kind: SessionKind, startedAt: number): number =>
  idHash ^ Math.imul((startedAt % 4294967296) | 0, 0x9e3779b1) ^ kindNumber(kind);

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
