import { expect, test } from "vitest";
import { COLLECTED_TYPES } from "../../contract/collect.ts";
import { admit } from "../../core/collect/admit.ts";
import { bodyOf, type Commands } from "./commands.ts";

const NOON = Date.UTC(2026, 10, 17, 12);

test("amounts become ten-thousandths, whether they come as numbers or as texts", () => {
  const checkout = (cart_value: number | string): object => bodyOf("checkout", { cart_value, currency: "GBP" }, NOON);
  expect(checkout(84.5)).toEqual({ type: "checkout_started", cart_value: 845_000, currency: "GBP" });
  expect(checkout("84.50")).toMatchObject({ cart_value: 845_000 });
  expect(checkout(1.005)).toMatchObject({ cart_value: 10_050 });
  expect(checkout(0.1 + 0.2)).toMatchObject({ cart_value: 3000 });
});

test("an order was placed when it was told, and has what a line may leave out", () => {
  const lines = [
    { sku: "lamp", unit_price: 84.5 },
    { sku: "bulb", name: "Bulb", quantity: 3, unit_price: "2.25" },
  ];
  expect(bodyOf("order", { order_id: "A-1", currency: "GBP", lines, tax: 16.9 }, NOON)).toEqual({
    type: "order_placed",
    order_id: "A-1",
    currency: "GBP",
    placed_at: NOON,
    discount: 0,
    tax: 169_000,
    shipping: 0,
    lines: [
      { sku: "lamp", name: "lamp", quantity: 1, unit_price: 845_000 },
      { sku: "bulb", name: "Bulb", quantity: 3, unit_price: 22_500 },
    ],
  });
});

test("one more of a product is what a cart's change means without a number", () => {
  expect(bodyOf("cart", { sku: "lamp" }, NOON)).toEqual({ type: "cart_changed", sku: "lamp", quantity: 1 });
  expect(bodyOf("cart", { sku: "lamp", quantity: -2 }, NOON)).toMatchObject({ quantity: -2 });
});

test("an order that is none throws, for whoever called to be told", () => {
  expect(() => bodyOf("order", {} as Commands["order"], NOON)).toThrow("undefined");
});

test("every command makes an event that the collector accepts, and together they make all but the session's start", () => {
  const least: Commands = {
    page: { page: "/" },
    product: { sku: "lamp" },
    cart: { sku: "lamp" },
    checkout: { cart_value: 84.5, currency: "GBP" },
    payment_failed: { amount: 84.5, currency: "GBP" },
    order: { order_id: "A-1", currency: "GBP", lines: [{ sku: "lamp", unit_price: 84.5 }] },
  };
  const session = { session_id: "s1", session_started_at: NOON };
  const circumstances = { now: NOON, stores: new Set(["shop"]), userAgent: null, country: null };
  const types = Object.entries(least).map(([name, data]) => {
    const body = bodyOf(name as keyof Commands, data as Commands[keyof Commands], NOON);
    const event = { event_id: "e1", occurred_at: NOON, store: "shop", ...session, ...body };
    const admission = admit(event, circumstances);
    expect(admission).toMatchObject({ ok: true });
    return admission.ok ? admission.event.type : null;
  });
  expect(new Set(["session_started", ...types])).toEqual(new Set(COLLECTED_TYPES));
});
