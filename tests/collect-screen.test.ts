// The collector and the stream hold events to the same bounds: what the one accepts is no dead letter to the other.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { COLLECTED_TYPES } from "../producers/contract/collect.ts";
import { encodeEvent, EventDecoder } from "../producers/contract/codec.ts";
import { EARLIEST, FUTURE_MS, GREATEST_AMOUNT, LATEST } from "../producers/contract/usable.ts";
import { admit } from "../producers/core/collect/admit.ts";
import { screenEvent } from "../stream/core/screen.ts";

const NOW = Date.UTC(2026, 10, 17, 14, 5);
const stores = new Set(["shop"]);

const text = fc.string({ unit: "grapheme", maxLength: 6 });
/** Values at which something might go wrong, by the kind of their field. */
const id = fc.oneof({ weight: 9, arbitrary: fc.constantFrom("a", "b") }, { weight: 1, arbitrary: text });
const time = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: NOW - 1e9, max: NOW + FUTURE_MS }) },
  { weight: 1, arbitrary: fc.constantFrom(EARLIEST - 1, EARLIEST, NOW + FUTURE_MS + 1, LATEST, 1e17, 0.5) },
);
const amount = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 0, max: 1_000_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 0.5, GREATEST_AMOUNT, GREATEST_AMOUNT + 1, 2 ** 53) },
);
const quantity = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(-1, 0, 2 ** 31, 1.5));
const currency = fc.constantFrom("GBP", "GBP", "GBP", "gbp");
const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null, freq: 9 });

const FIELDS = {
  event_id: id,
  occurred_at: time,
  session_id: some(id),
  session_started_at: some(time),
  visitor_id: some(text),
  channel: text,
  country: text,
  test: fc.boolean(),
  referrer: some(text),
  page: text,
  sku: id,
  category: some(text),
  cart_value: amount,
  amount,
  currency,
  reason: some(text),
  order_id: id,
  placed_at: time,
  discount: amount,
  tax: amount,
  shipping: amount,
};
const line = fc.record({ sku: id, name: text, category: some(text), quantity, unit_price: amount });
const event = fc.record({
  type: fc.constantFrom(...COLLECTED_TYPES, "order_placed"),
  store: fc.constantFrom("shop", "shop", "shop", "other"),
  ...FIELDS,
  quantity,
  lines: fc.array(line, { maxLength: 3 }),
});

test("what the collector accepts can be encoded, comes back the same, and is no dead letter", () => {
  const decoder = new EventDecoder();
  let accepted = 0;
  fc.assert(
    fc.property(event, (raw) => {
      const admission = admit(raw, { now: NOW, stores, userAgent: "Mozilla/5.0", country: null });
      if (!admission.ok) return;
      accepted++;
      const decoded = decoder.decode(encodeEvent(admission.event));
      expect(decoded).toEqual({ ok: true, event: admission.event });
      expect(screenEvent(admission.event, NOW, stores)).toBeNull();
    }),
    { numRuns: 5000 },
  );
  expect(accepted).toBeGreaterThan(500);
});
