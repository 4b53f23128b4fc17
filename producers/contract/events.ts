// The events of a shop, as TypeScript sees them. The wire form is schemas/*.avsc; codec.ts joins the two.
// Money is an integer in ten-thousandths of a currency unit; times are ms since 1970 UTC.

export interface Common {
  /** Unique within its session; a repeat is a duplicate. */
  event_id: string;
  occurred_at: number;
  store: string;
  /** As the collector set it; together with session_started_at or not at all. */
  session_id: string | null;
  session_started_at: number | null;
  visitor_id: string | null;
  customer_id: string | null;
  channel: string;
  campaign: string | null;
  /** As the shop sends it. */
  country: string;
  region: string | null;
  device: string;
  segment: string | null;
  user_agent: string | null;
  test: boolean;
}

export interface OrderLine {
  sku: string;
  name: string;
  category: string | null;
  quantity: number;
  unit_price: number;
}

export interface RefundLine {
  sku: string;
  name: string;
  category: string | null;
  quantity: number;
  goods: number;
}

interface Taken {
  goods: number;
  tax: number;
  shipping: number;
  currency: string;
  reason: string | null;
}

/** What each type carries beyond Common. */
export interface EventBodies {
  session_started: { referrer: string | null };
  page_viewed: { page: string };
  product_viewed: { sku: string; category: string | null };
  cart_changed: { sku: string; category: string | null; quantity: number };
  checkout_started: { cart_value: number; currency: string };
  payment_failed: { order_id: string | null; amount: number; currency: string; reason: string | null };
  order_placed: {
    order_id: string;
    placed_at: number;
    currency: string;
    lines: OrderLine[];
    discount: number;
    tax: number;
    shipping: number;
  };
  order_cancelled: { order_id: string; placed_at: number } & Taken;
  order_refunded: { refund_id: string; order_id: string | null; placed_at: number; lines: RefundLine[] } & Taken;
  stock_changed: { sku: string; on_hand: number | null; change: number; reason: string | null };
  customer_updated: { city: string | null; customer_since: number | null };
  product_updated: {
    sku: string;
    name: string;
    category: string | null;
    price: number;
    currency: string;
    active: boolean;
  };
  fx_fixed: { day: string; rates: Record<string, string> };
}

export type EventType = keyof EventBodies;
export type EventOf<T extends EventType> = T extends EventType ? { type: T } & Common & EventBodies[T] : never;
export type ShopEvent = { [T in EventType]: EventOf<T> }[EventType];

/** Every event type once, complete by type. */
export const EVENT_TYPES = Object.keys({
  session_started: 0,
  page_viewed: 0,
  product_viewed: 0,
  cart_changed: 0,
  checkout_started: 0,
  payment_failed: 0,
  order_placed: 0,
  order_cancelled: 0,
  order_refunded: 0,
  stock_changed: 0,
  customer_updated: 0,
  product_updated: 0,
  fx_fixed: 0,
} satisfies Record<EventType, 0>) as readonly EventType[];

/** The record key: all events of a session share a partition, and all about an order do, too. */
export function recordKey(event: ShopEvent): string {
  if (event.session_id !== null) return event.session_id;
  switch (event.type) {
    case "order_placed":
    case "order_cancelled":
      return event.order_id;
    case "order_refunded":
      return event.order_id ?? event.refund_id;
    case "stock_changed":
    case "product_updated":
      return event.sku;
    case "customer_updated":
      return event.customer_id ?? event.event_id;
    default:
      return event.event_id;
  }
}
