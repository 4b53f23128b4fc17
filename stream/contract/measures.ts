// What a pane counts. One table: the order is the order on the wire and in storage. All are integers; money in ten-thousandths.

export const MEASURES = [
  "sessions", // human sessions, in the pane of their start
  "converted", // of those, sessions with at least one order
  "carts", // sessions that put something into the cart, at their start
  "carts_converted", // of those, sessions with an order
  "checkouts", // sessions that entered checkout, at their start
  "checkouts_converted", // of those, sessions with an order
  "page_views",
  "product_views",
  "payment_failures",
  "orders", // orders placed with a value above 0
  "units",
  "gross",
  "discount",
  "tax",
  "shipping",
  "refunds",
  "refund_goods",
  "refund_tax",
  "refund_shipping",
  "cancellations",
  "cancel_goods",
  "cancel_tax",
  "cancel_shipping",
  "revisions", // records that changed the pane after it had settled
  "revised_sales", // what those did to net sales
] as const;

export type Measure = (typeof MEASURES)[number];
export type Measures = Readonly<Record<Measure, number>>;

/** Index of each measure in a vector of measures. */
export const M = Object.fromEntries(MEASURES.map((name, index) => [name, index])) as Readonly<Record<Measure, number>>;

/** Net sales of a measure vector: gross − discounts − refunded goods − cancelled goods, ten-thousandths. */
export function netSales(vector: ArrayLike<number>): number {
  return vector[M.gross]! - vector[M.discount]! - vector[M.refund_goods]! - vector[M.cancel_goods]!;
}

/** What 1 of each measure does to net sales: 1, −1 or 0, in the order of MEASURES. */
export const NET_SALES: readonly number[] = MEASURES.map((name) =>
  netSales(MEASURES.map((other) => (other === name ? 1 : 0))),
);
