// What becomes of an order in the weeks after: some are cancelled, some come back, wholly or in part.
import type { EventOf, ShopEvent } from "../../contract/events.ts";
import { Random } from "./random.ts";
import { DAY, HOUR, MINUTE, type Shop } from "./shop.ts";
import type { Voice } from "./voice.ts";

/** An order is left alone after this, ms. */
export const LONGEST_AFTERMATH = 21 * DAY;

const CANCELLED = 0.02;
const REFUNDED = 0.065;
const PARTIAL = 0.5;
const REASONS = ["damaged", "wrong size", "not as described", "changed mind", "arrived late"] as const;

/** The events that take an order back; at most one of them, and never more than the order was worth. */
export function aftermathOf(shop: Shop, order: EventOf<"order_placed">, voice: Voice): ShopEvent[] {
  const random = new Random(shop.seed, order.order_id);
  const fate = random.next();
  if (fate < CANCELLED) return [cancellation(order, voice, random)];
  if (fate < CANCELLED + REFUNDED) return [refund(order, voice, random)];
  return [];
}

function cancellation(order: EventOf<"order_placed">, voice: Voice, random: Random): ShopEvent {
  const after = 10 * MINUTE + Math.floor(Math.min(random.exponential(6 * HOUR), 2 * DAY));
  return {
    type: "order_cancelled",
    ...voice.at(order.placed_at + after),
    order_id: order.order_id,
    placed_at: order.placed_at,
    goods: goodsOf(order) - order.discount,
    tax: order.tax,
    shipping: order.shipping,
    currency: order.currency,
    reason: "customer request",
  };
}

function refund(order: EventOf<"order_placed">, voice: Voice, random: Random): ShopEvent {
  const after = 36 * HOUR + Math.floor(Math.min(random.exponential(4 * DAY), 19 * DAY));
  const goods = goodsOf(order);
  const partial = order.lines.length > 1 && random.chance(PARTIAL);
  const lines = (partial ? [random.pick(order.lines)] : order.lines).map((line) => ({
    sku: line.sku,
    name: line.name,
    category: line.category,
    quantity: line.quantity,
    goods: Math.floor(line.quantity * line.unit_price * (1 - order.discount / goods)),
  }));
  const taken = lines.reduce((sum, line) => sum + line.goods, 0);
  return {
    type: "order_refunded",
    ...voice.at(order.placed_at + after),
    refund_id: order.order_id.replace("o-", "r-"),
    order_id: order.order_id,
    placed_at: order.placed_at,
    lines,
    goods: taken,
    tax: partial ? Math.floor((order.tax * taken) / (goods - order.discount)) : order.tax,
    shipping: partial ? 0 : order.shipping,
    currency: order.currency,
    reason: random.pick(REASONS),
  };
}

function goodsOf(order: EventOf<"order_placed">): number {
  return order.lines.reduce((sum, line) => sum + line.unit_price * line.quantity, 0);
}
