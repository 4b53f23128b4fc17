import { describe, expect, test } from "vitest";
import { COLLECTED_TYPES } from "../../contract/collect.ts";
import { EVENT_TYPES } from "../../contract/events.ts";
import { admit, answerOf, type Admission, type Circumstances } from "./admit.ts";

const NOW = Date.UTC(2026, 10, 17, 14, 5);
const circumstances: Circumstances = { now: NOW, stores: new Set(["shop"]), userAgent: "Mozilla/5.0", country: null };

const view = {
  type: "page_viewed",
  event_id: "e1",
  occurred_at: NOW,
  store: "shop",
  session_id: "s1",
  session_started_at: NOW - 60_000,
  page: "/lamps",
};
const line = { sku: "lamp", name: "Lamp", quantity: 1, unit_price: 845_000 };
const order = {
  ...view,
  type: "order_placed",
  order_id: "A-1",
  placed_at: NOW,
  currency: "GBP",
  lines: [line],
  discount: 0,
  tax: 0,
  shipping: 0,
};

const of = (raw: unknown, more: Partial<Circumstances> = {}): Admission => admit(raw, { ...circumstances, ...more });
const refusal = (raw: unknown): string => {
  const admission = of(raw);
  return admission.ok ? "accepted" : `${admission.reason}: ${admission.detail}`;
};

describe("an event from a page", () => {
  test("may leave out what has a default in its schema", () => {
    expect(of(view)).toEqual({
      ok: true,
      event: {
        ...view,
        visitor_id: null,
        customer_id: null,
        channel: "unknown",
        campaign: null,
        country: "",
        region: null,
        device: "unknown",
        segment: null,
        user_agent: "Mozilla/5.0",
        test: false,
      },
    });
  });

  test("never says itself by what it was sent, and has no fields that the contract does not have", () => {
    const admission = of({ ...view, user_agent: "Googlebot", is_admin: true });
    expect(admission).toMatchObject({ event: { user_agent: "Mozilla/5.0" } });
    expect(admission).not.toHaveProperty("event.is_admin");
  });

  test("comes from where the header says, and from where it says itself only without one", () => {
    expect(of({ ...view, country: "FR" }, { country: "DE" })).toMatchObject({ event: { country: "DE" } });
    expect(of({ ...view, country: "FR" })).toMatchObject({ event: { country: "FR" } });
  });

  test("keeps the times that it has: a session's start is part of what it is known by", () => {
    const early = { ...view, occurred_at: NOW - 400 * 24 * 3600_000, session_started_at: NOW + 60_000 };
    expect(of(early)).toMatchObject({ ok: true, event: early });
  });

  test("an order needs no session, anything else does", () => {
    const without = { session_id: null, session_started_at: null };
    expect(refusal({ ...order, ...without })).toBe("accepted");
    for (const type of COLLECTED_TYPES.filter((type) => type !== "order_placed"))
      expect(refusal({ ...order, ...view, ...without, type })).toMatch(/^invalid: .*session_id/);
  });
});

describe("an event is refused, with its reason:", () => {
  test.each<[why: string, raw: unknown, refusal: RegExp]>([
    ["no event at all", 7, /^type-unknown/],
    ["a type that nobody knows", { ...view, type: "scrolled" }, /^type-unknown: type must be one of session_started/],
    ["a store that is not ours", { ...view, store: "other" }, /^store-unknown: there is no store "other"/],
    ["no page", { ...view, page: undefined }, /^invalid: page: /],
    ["an empty id", { ...view, event_id: "" }, /^invalid: event_id: /],
    ["a text as time", { ...view, occurred_at: "2026-11-17" }, /^invalid: occurred_at: /],
    ["a broken clock", { ...view, occurred_at: 0 }, /^invalid: occurred_at: /],
    ["the future", { ...view, occurred_at: NOW + 60_001 }, /^future: 60 s later/],
    ["a session of the future", { ...view, session_started_at: NOW + 90_000 }, /^future: 90 s later/],
    ["an order of the future", { ...order, placed_at: NOW + 90_000 }, /^future/],
    ["half a session", { ...order, session_started_at: null }, /^invalid: session_id: .* come together/],
    ["money in fractions", { ...order, tax: 1.5 }, /^invalid: tax: /],
    ["a price below zero", { ...order, lines: [{ ...line, unit_price: -1 }] }, /^invalid: lines\.0\.unit_price: /],
    ["nothing of something", { ...order, lines: [{ ...line, quantity: 0 }] }, /^invalid: lines\.0\.quantity: /],
    ["goods beyond counting", { ...order, lines: [{ ...line, unit_price: 1e14, quantity: 2 }] }, /^invalid: lines: /],
    ["more off than on", { ...order, discount: 845_001 }, /^invalid: discount: is more than the goods/],
    ["a currency of its own", { ...order, currency: "pounds" }, /^invalid: currency: must be an ISO 4217 code/],
  ])("%s", (_, raw, reason) => {
    expect(refusal(raw)).toMatch(reason);
  });

  test("what only the back office can know", () => {
    const others = EVENT_TYPES.filter((type) => !(COLLECTED_TYPES as readonly string[]).includes(type));
    expect(others).toContain("order_refunded");
    for (const type of others) expect(refusal({ ...order, type })).toMatch(/^type-not-collected: .*back office/);
  });
});

test("an answer names the event it is about, as far as it can be told", () => {
  expect(answerOf(view, 3, of(view))).toEqual({ index: 3, event_id: "e1", status: "accepted" });
  const nameless = { ...view, event_id: 5 };
  expect(answerOf(nameless, 0, of(nameless))).toMatchObject({ event_id: null, status: "rejected", reason: "invalid" });
});
