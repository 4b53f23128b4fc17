// What a shop may call, and the event that it makes. Fields are those of the contract; what has a default may be left out, and
// amounts are written as people do (84.5, "84.50"): the wire's ten-thousandths are made here.
import type { CollectedType } from "../../contract/collect.ts";

interface Line {
  sku: string;
  name?: string;
  category?: string;
  quantity?: number;
  unit_price: number | string;
}

type Amount = number | string;

export interface Commands {
  page: { page: string };
  product: { sku: string; category?: string };
  /** quantity: by how much the cart changed, 1 where it is left out. */
  cart: { sku: string; category?: string; quantity?: number };
  checkout: { cart_value: Amount; currency: string };
  payment_failed: { amount: Amount; currency: string; order_id?: string; reason?: string };
  order: {
    order_id: string;
    currency: string;
    lines: Line[];
    discount?: Amount;
    tax?: Amount;
    shipping?: Amount;
  };
}

const TYPES = {
  page: "page_viewed",
  product: "product_viewed",
  cart: "cart_changed",
  checkout: "checkout_started",
  payment_failed: "payment_failed",
  order: "order_placed",
} as const satisfies Record<keyof Commands, CollectedType>;

const AMOUNTS = /^(cart_value|amount|discount|tax|shipping|unit_price)$/;

const onTheWire = (fields: object): object =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      AMOUNTS.test(name) ? Math.round(Number(value) * 10_000) : value,
    ]),
  );

/** The part of the event that the command is about; `at` is when. Throws where what was given is nothing of the kind. */
export function bodyOf<C extends keyof Commands>(name: C, data: Commands[C], at: number): object {
  const body = { type: TYPES[name], ...onTheWire(data) };
  if (name === "cart") return { quantity: 1, ...body };
  if (name !== "order") return body;
  const lines = (data as Commands["order"]).lines.map((line) => ({ name: line.sku, quantity: 1, ...onTheWire(line) }));
  return { placed_at: at, discount: 0, tax: 0, shipping: 0, ...body, lines };
}
