// What can be said about an event from the event and its record alone: is it usable, and what kind of thing is it.
// A pure function of the record; nothing here knows what came before.
import { MAX_EVENT_BYTES } from "../../producers/contract/topics.ts";
import type { EventOf, EventType, ShopEvent } from "../../producers/contract/events.ts";
import {
  CURRENCY,
  EARLIEST,
  FUTURE_MS,
  GREATEST_AMOUNT,
  GREATEST_RATE,
  LATEST,
  LONGEST_WORD,
} from "../../producers/contract/usable.ts";

/** Why a record cannot be used. `detail` says what was wrong, for the people who have to mend it. */
export interface Fault {
  readonly reason: string;
  readonly detail: string;
}

const fault = (reason: string, detail: string): Fault => ({ reason, detail });

/** Is a value of so many bytes too large to be read as an event at all? */
export function screenSize(bytes: number): Fault | null {
  return bytes > MAX_EVENT_BYTES
    ? fault("oversized", `${bytes} bytes; at most ${MAX_EVENT_BYTES} are read as an event`)
    : null;
}

/** null: usable. `timestamp` is the record's LogAppendTime, ms; `stores` are the ids that are known. */
export function screenEvent(event: ShopEvent, timestamp: number, stores: ReadonlySet<string>): Fault | null {
  if (event.event_id === "") return fault("event-id-empty", `${event.type} without an event id`);
  return (
    screenTimes(event, timestamp) ??
    (event.type === "fx_fixed" || stores.has(event.store)
      ? null
      : fault("store-unknown", `store "${event.store}" is not configured`)) ??
    screenSession(event) ??
    screenWords(event) ??
    (SCREENS[event.type] as (event: ShopEvent) => Fault | null)(event)
  );
}

function screenTimes(event: ShopEvent, timestamp: number): Fault | null {
  const placedAt = "placed_at" in event ? event.placed_at : event.occurred_at;
  const startedAt = event.session_started_at ?? event.occurred_at;
  const last = Math.max(event.occurred_at, startedAt, placedAt);
  const first = Math.min(event.occurred_at, startedAt, placedAt);
  if (first < EARLIEST || last > LATEST || !Number.isSafeInteger(first) || !Number.isSafeInteger(last))
    return fault("time-range", `a time of ${first < EARLIEST ? first : last} ms is outside 2000 to 2100`);
  if (last > timestamp + FUTURE_MS)
    return fault("future", `${Math.round((last - timestamp) / 1000)} s past its record's time`);
  return null;
}

function screenSession(event: ShopEvent): Fault | null {
  if ((event.session_id === null) !== (event.session_started_at === null))
    return fault("session-incomplete", "session_id and session_started_at come together or not at all");
  if (event.session_id === "") return fault("session-incomplete", "session_id is empty");
  return null;
}

/** What rows are found or cut by. A user agent is not: only its beginning is looked at. */
const WORDS = [
  "session_id",
  "visitor_id",
  "customer_id",
  "channel",
  "campaign",
  "country",
  "region",
  "device",
  "segment",
  "order_id",
  "refund_id",
  "category",
] as const;

function screenWords(event: ShopEvent): Fault | null {
  const words = event as Partial<Record<(typeof WORDS)[number], string | null>>;
  for (const name of WORDS) {
    const length = words[name]?.length ?? 0;
    if (length > LONGEST_WORD) return tooLong(name, length);
  }
  if (event.type === "order_placed")
    for (const { category } of event.lines)
      if (category !== null && category.length > LONGEST_WORD) return tooLong("category", category.length);
  return null;
}

const tooLong = (name: string, length: number): Fault =>
  fault("word-too-long", `${name} of ${length} letters; at most ${LONGEST_WORD}`);

const needsSession = (event: ShopEvent): Fault | null =>
  event.session_id === null
    ? fault("session-missing", `${event.type} without a session cannot be told from a repeat`)
    : null;

/** Σ unit price × quantity, in the order's own currency. */
export const goodsOf = (event: EventOf<"order_placed">): number =>
  event.lines.reduce((sum, line) => sum + line.unit_price * line.quantity, 0);

function screenOrder(event: EventOf<"order_placed">): Fault | null {
  if (event.order_id === "") return fault("order-id-empty", "order_placed without an order id");
  for (const [index, line] of event.lines.entries()) {
    if (line.unit_price >= 0 && line.quantity > 0) continue;
    const where = `line ${index + 1} “${line.name.slice(0, 80)}”`;
    if (line.unit_price < 0) return fault("price-negative", `${where}, unit price ${line.unit_price / 10_000}`);
    return fault("quantity", `${where}, quantity ${line.quantity}`);
  }
  const total = goodsOf(event) - event.discount;
  return (
    screenAmount("discount", event.discount) ??
    screenAmount("tax", event.tax) ??
    screenAmount("shipping", event.shipping) ??
    screenAmount("goods", goodsOf(event)) ??
    screenCurrency(event.currency) ??
    (total < 0 ? fault("total-negative", `goods less discount is ${total / 10_000}`) : null)
  );
}

function screenTaken(event: EventOf<"order_refunded" | "order_cancelled">): Fault | null {
  if (event.type === "order_refunded" && event.refund_id === "")
    return fault("refund-id-empty", "a refund without an id");
  if (event.order_id === "") return fault("order-id-empty", `${event.type} with an empty order id`);
  return (
    screenAmount("goods", event.goods) ??
    screenAmount("tax", event.tax) ??
    screenAmount("shipping", event.shipping) ??
    screenCurrency(event.currency)
  );
}

function screenAmount(name: string, amount: number): Fault | null {
  if (amount < 0) return fault("amount-negative", `${name} ${amount / 10_000}`);
  if (amount > GREATEST_AMOUNT) return fault("amount-range", `${name} ${amount / 10_000}`);
  return null;
}

const screenCurrency = (currency: string): Fault | null =>
  CURRENCY.test(currency) ? null : fault("currency", `"${currency}" is not an ISO 4217 code`);

function screenFixing(event: EventOf<"fx_fixed">): Fault | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(event.day) || Number.isNaN(Date.parse(event.day)))
    return fault("fixing", `"${event.day}" is not a day`);
  for (const [currency, rate] of Object.entries(event.rates))
    if (!CURRENCY.test(currency) || !(Number(rate) > 0 && Number(rate) < GREATEST_RATE))
      return fault("fixing", `${currency} at "${rate}"`);
  return null;
}

const usable = (): null => null;

const SCREENS: { readonly [T in EventType]: (event: EventOf<T>) => Fault | null } = {
  session_started: needsSession,
  page_viewed: needsSession,
  product_viewed: needsSession,
  cart_changed: needsSession,
  checkout_started: needsSession,
  payment_failed: needsSession,
  order_placed: screenOrder,
  order_cancelled: screenTaken,
  order_refunded: screenTaken,
  stock_changed: usable,
  customer_updated: usable,
  product_updated: usable,
  fx_fixed: screenFixing,
};

/** What the event would have added to net sales, ten-thousandths of its own currency: the accounting shows what a dead letter cost. */
export function netEffect(event: ShopEvent): { currency: string; amount: number } {
  switch (event.type) {
    case "order_placed":
      return { currency: event.currency, amount: goodsOf(event) - event.discount };
    case "order_cancelled":
    case "order_refunded":
      return { currency: event.currency, amount: -event.goods };
    default:
      return { currency: "", amount: 0 };
  }
}
