import type { EventType } from "../../producers/contract/events.ts";

/** What the fold does with a usable record: count it at most, keep its rates, or fold it into its session. */
export type Errand = "pass" | "fix" | "fold";

export const ERRANDS: { readonly [T in EventType]: Errand } = {
  session_started: "fold",
  page_viewed: "fold",
  product_viewed: "fold",
  cart_changed: "fold",
  checkout_started: "fold",
  payment_failed: "fold",
  order_placed: "fold",
  order_cancelled: "fold",
  order_refunded: "fold",
  stock_changed: "pass", // an absolute fact, the last by occurred_at wins: counted, and folds into nothing
  customer_updated: "pass",
  product_updated: "pass",
  fx_fixed: "fix",
};
