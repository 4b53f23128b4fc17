// One order id, several orders: which of them stands, and the events that take the others off the figures.
//
//   placed  14:05  session s1, partition 0 : 17    the first: stands
//           14:05  session s2, partition 3 : 40    surplus: 84.50, of which 10.00 were refunded → cancel 74.50
//           14:09  session s9, partition 3 : 52    settled: cancelled already
//
// The same rows give the same plan and the same bytes, so mending twice is mending once: the fold knows the event id.
import type { EventOf } from "../../contract/events.ts";

/** Ten-thousandths of the order's own currency. */
export interface Parts {
  readonly goods: number;
  readonly tax: number;
  readonly shipping: number;
}

/** An order as it is stored. Times in ms; words as the fold cleaned them, "" for none. */
export interface StoredOrder {
  readonly store: string;
  readonly orderId: string;
  readonly source: string;
  readonly partition: number;
  /** `order`: it has no session, and stands for one under its own id. */
  readonly kind: "session" | "order";
  readonly sessionId: string;
  readonly startedAt: number;
  /** Offset of its record. */
  readonly placedOffset: number;
  readonly placedAt: number;
  readonly occurredAt: number;
  readonly visitor: string;
  readonly customer: string;
  readonly channel: string;
  readonly campaign: string;
  readonly country: string;
  readonly region: string;
  readonly device: string;
  readonly segment: string;
  readonly currency: string;
  readonly worth: Parts;
  /** By refunds and cancellations so far. */
  readonly taken: Parts;
  readonly cancelled: boolean;
}

/** `settled`: not the first, and nothing more is to be taken off it. */
export type Role = "stands" | "surplus" | "settled";

export interface PlannedOrder {
  readonly role: Role;
  readonly order: StoredOrder;
  /** What it still adds to the figures; below 0 where more was taken off than it was worth. */
  readonly left: Parts;
}

export interface DoubledOrder {
  readonly store: string;
  readonly orderId: string;
  /** In the order in which they were placed: the first stands. Two at least. */
  readonly orders: readonly PlannedOrder[];
}

/** Order ids that more than one of the rows carry, oldest first. `rows`: at most one an order. */
export function planOf(rows: readonly StoredOrder[]): DoubledOrder[] {
  const byId = new Map<string, StoredOrder[]>();
  for (const row of rows) {
    const id = JSON.stringify([row.store, row.orderId]);
    const same = byId.get(id);
    if (same) same.push(row);
    else byId.set(id, [row]);
  }
  return [...byId.values()]
    .filter((orders) => orders.length > 1)
    .map((orders) => orders.toSorted(asPlaced))
    .sort(([a], [b]) => asPlaced(a!, b!))
    .map((orders) => ({ store: orders[0]!.store, orderId: orders[0]!.orderId, orders: orders.map(planned) }));
}

/**
 * By the time of placing, then by the record that placed it. Everything in it is a fact that never changes or leaves: which one
 * stands must be the same today and in a year (the time at which Kafka got a record leaves storage after 30 days).
 */
function asPlaced(a: StoredOrder, b: StoredOrder): number {
  return (
    a.placedAt - b.placedAt ||
    a.placedOffset - b.placedOffset ||
    (a.source < b.source ? -1 : a.source > b.source ? 1 : 0) ||
    a.partition - b.partition
  );
}

function planned(order: StoredOrder, index: number): PlannedOrder {
  const { worth, taken } = order;
  const left = {
    goods: worth.goods - taken.goods,
    tax: worth.tax - taken.tax,
    shipping: worth.shipping - taken.shipping,
  };
  const parts = Object.values(left);
  // Of an order that more was taken off than it was worth, in any part, nothing can be taken off: the fold refuses it.
  const stands = !order.cancelled && Math.min(...parts) >= 0 && Math.max(...parts) > 0;
  return { order, left, role: index === 0 ? "stands" : stands ? "surplus" : "settled" };
}

export const surplusOf = ({ orders }: DoubledOrder): PlannedOrder[] => orders.filter(({ role }) => role === "surplus");

export const sum = ({ goods, tax, shipping }: Parts): number => goods + tax + shipping;

/**
 * Takes off an order all that is left of it. It happened when the order did, so that the minute, hour and day that were too high
 * are the ones that are put right. Its id names the order in its session, where event ids are unique.
 */
export function cancellationOf({ order, left }: PlannedOrder): EventOf<"order_cancelled"> {
  const { store, orderId, kind, sessionId, startedAt } = order;
  const hasSession = kind === "session";
  return {
    type: "order_cancelled",
    event_id: ["reconcile", store, orderId, sessionId, startedAt].join("/"),
    occurred_at: order.occurredAt,
    store,
    session_id: hasSession ? sessionId : null,
    session_started_at: hasSession ? startedAt : null,
    visitor_id: order.visitor || null,
    customer_id: order.customer || null,
    channel: order.channel,
    campaign: order.campaign || null,
    country: order.country,
    region: order.region || null,
    device: order.device,
    segment: order.segment || null,
    user_agent: null,
    test: false,
    order_id: orderId,
    placed_at: order.placedAt,
    ...left,
    currency: order.currency,
    reason: "reconcile: the order id stands under another session",
  };
}
