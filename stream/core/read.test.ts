// Both ways of reading an event, the scan of its bytes and the decoder with its screens, must say the same of every record.
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeEvent, EventDecoder } from "../../producers/contract/codec.ts";
import { EVENT_TYPES, type EventType, type ShopEvent } from "../../producers/contract/events.ts";
import { FUTURE_MS } from "../../producers/contract/usable.ts";
import { clean } from "./clean.ts";
import { hash53Of } from "./hash.ts";
import { LogRecord } from "./log-record.ts";
import { Reader } from "./read.ts";
import { screenEvent } from "./screen.ts";
import { sessionKeyOf } from "./session.ts";

const NOW = Date.UTC(2026, 10, 17, 14, 5);
const CURRENCIES = new Map([
  ["shop", "GBP"],
  ["läden", "EUR"],
]);
const decoder = new EventDecoder();
const reader = new Reader(decoder, CURRENCIES);

const id = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom("", "söß", "x".repeat(41), "y".repeat(9000)));
const time = fc.oneof(
  fc.integer({ min: NOW - 1e9, max: NOW + 2 * FUTURE_MS }),
  fc.constantFrom(0, -5, NOW + FUTURE_MS, NOW + FUTURE_MS + 1, Date.UTC(2000, 0, 1), Date.UTC(2100, 0, 1), 2 ** 50),
);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 4 });
const amount = fc.integer({ min: -10, max: 1_000_000 });
const large = fc.integer({ min: -(2 ** 52), max: 2 ** 52 });
const currency = fc.constantFrom("GBP", "EUR", "pound");

const common = fc.record({
  event_id: id,
  occurred_at: time,
  store: fc.constantFrom("shop", "shop", "läden", "nowhere", ""),
  session_id: maybe(id),
  session_started_at: maybe(time),
  visitor_id: maybe(id),
  customer_id: maybe(id),
  channel: id,
  campaign: maybe(id),
  country: fc.constantFrom("United Kingdom", "DE", ""),
  region: maybe(id),
  device: id,
  segment: maybe(id),
  user_agent: maybe(fc.constantFrom("Googlebot/2.1", "Mozilla/5.0")),
  test: fc.boolean(),
});

const bodies: { readonly [T in EventType]: fc.Arbitrary<object> } = {
  session_started: fc.record({ referrer: maybe(id) }),
  page_viewed: fc.record({ page: id }),
  product_viewed: fc.record({ sku: id, category: maybe(id) }),
  cart_changed: fc.record({ sku: id, category: maybe(id), quantity: fc.integer() }),
  checkout_started: fc.record({ cart_value: large, currency }),
  payment_failed: fc.record({ order_id: maybe(id), amount: large, currency, reason: maybe(id) }),
  order_placed: fc.record({
    order_id: id,
    placed_at: time,
    currency,
    lines: fc.array(fc.record({ sku: id, name: id, category: maybe(id), quantity: fc.nat(3), unit_price: amount })),
    discount: amount,
    tax: amount,
    shipping: amount,
  }),
  order_cancelled: fc.record({
    order_id: id,
    placed_at: time,
    goods: amount,
    tax: amount,
    shipping: amount,
    currency,
    reason: maybe(id),
  }),
  order_refunded: fc.record({
    refund_id: id,
    order_id: maybe(id),
    placed_at: time,
    lines: fc.constant([]),
    goods: amount,
    tax: amount,
    shipping: amount,
    currency,
    reason: maybe(id),
  }),
  stock_changed: fc.record({ sku: id, on_hand: maybe(large), change: amount, reason: maybe(id) }),
  customer_updated: fc.record({ city: maybe(id), customer_since: maybe(time) }),
  product_updated: fc.record({ sku: id, name: id, category: maybe(id), price: amount, currency, active: fc.boolean() }),
  fx_fixed: fc.record({ day: fc.constantFrom("2026-11-16", "yesterday"), rates: fc.constant({ GBP: "0.85" }) }),
};

const event: fc.Arbitrary<ShopEvent> = fc
  .constantFrom(...EVENT_TYPES)
  .chain((type) => fc.tuple(common, bodies[type]).map(([shared, body]) => ({ type, ...shared, ...body }) as ShopEvent));

/** What the slow way says: the decoder, then the screens. */
function slowly(bytes: Buffer): { reason: string } | { event: ShopEvent } {
  const decoded = decoder.decode(bytes);
  if (!decoded.ok) return { reason: decoded.reason };
  const fault = screenEvent(decoded.event, NOW, new Set(CURRENCIES.keys()));
  return fault ? { reason: fault.reason } : { event: decoded.event };
}

/** Compares both on bytes that lie in the middle of others, as they do in a batch. */
function compare(bytes: Buffer): void {
  const before = Buffer.from("before");
  const all = Buffer.concat([before, bytes, Buffer.from([0xc3, 1, 2, 2, 2, 2])]);
  const read = reader.read(new LogRecord(7, NOW, all, -1, -1, before.length, before.length + bytes.length));
  const slow = slowly(bytes);
  if ("reason" in slow) {
    expect(read.fault?.reason).toBe(slow.reason);
    return;
  }
  const { event: wanted } = slow;
  expect(read.fault).toBeNull();
  expect([read.type, read.test, read.occurredAt]).toEqual([wanted.type, wanted.test, wanted.occurred_at]);
  if (read.errand !== "fold") return;
  expect(read.sessionKey).toEqual(sessionKeyOf(wanted));
  expect(read.store?.id).toBe(wanted.store);
  expect(read.eventHash).toBe(hash53Of(wanted.event_id));
  expect([read.people.visitor, read.people.customer]).toEqual([wanted.visitor_id ?? "", wanted.customer_id ?? ""]);
  if (wanted.type === "product_viewed") expect(clean.category(read.category)).toBe(clean.category(wanted.category));
}

test("a scanned event is what the decoder and the screens say it is", () => {
  fc.assert(
    fc.property(event, (one) => {
      compare(encodeEvent(one));
    }),
    { numRuns: 5000 },
  );
});

test("so is a damaged one: cut off, longer, or with any byte changed", () => {
  const damage = fc.tuple(fc.constantFrom("cut", "longer", "byte"), fc.nat(400), fc.nat(255));
  fc.assert(
    fc.property(event, damage, (one, [kind, place, byte]) => {
      const bytes = encodeEvent(one);
      if (kind === "byte") bytes[place % bytes.length] = byte;
      const after = kind === "longer" ? Buffer.alloc(1 + (place % 9), byte) : Buffer.alloc(0);
      compare(Buffer.concat([kind === "cut" ? bytes.subarray(0, place % bytes.length) : bytes, after]));
    }),
    { numRuns: 10_000 },
  );
});
