// The catalogue of KPIs, as data: what each one is, in words and in measures. "Explain this number" shows exactly this.
// Every KPI is a ratio of sums or a sum over panes; a mean of ratios is never taken.
import { M, netSales } from "./measures.ts";

export type Unit = "money" | "count" | "ratio" | "count-per-minute";

export interface Kpi {
  readonly title: string;
  readonly unit: Unit;
  /** Which way is good for the shop. */
  readonly better: "up" | "down" | "neither";
  readonly formula: string;
  readonly numeratorText: string;
  readonly denominatorText: string | null;
  readonly exclusions: string;
  /** Takes a summed vector in the order of MEASURES. */
  readonly numerator: (sum: ArrayLike<number>) => number;
  /** null: the KPI is a sum. */
  readonly denominator: ((sum: ArrayLike<number>) => number) | null;
  /** A share of sessions or attempts, so that a Wilson interval holds and fewer than 100 say "n too small". */
  readonly proportion: boolean;
  /** Counted at the session's start, so it is provisional until the pane has settled. */
  readonly settles: boolean;
}

const PEOPLE = "bots and test traffic";
const at = (index: number) => (sum: ArrayLike<number>) => sum[index]!;

export const KPIS = {
  net_sales: {
    title: "Revenue",
    unit: "money",
    better: "up",
    formula: "gross − discounts − refunded goods − cancelled goods",
    numeratorText: "net sales; refunds and cancellations count at their own time",
    denominatorText: null,
    exclusions: `${PEOPLE}, orders in a currency without a rate, tax, shipping`,
    numerator: netSales,
    denominator: null,
    proportion: false,
    settles: false,
  },
  gross_sales: {
    title: "Gross sales",
    unit: "money",
    better: "up",
    formula: "Σ unit price × quantity",
    numeratorText: "gross sales",
    denominatorText: null,
    exclusions: `${PEOPLE}, orders in a currency without a rate`,
    numerator: at(M.gross),
    denominator: null,
    proportion: false,
    settles: false,
  },
  total_sales: {
    title: "Total sales",
    unit: "money",
    better: "up",
    formula: "net sales + tax + shipping",
    numeratorText: "net sales, tax and shipping, less what was given back of each",
    denominatorText: null,
    exclusions: `${PEOPLE}, orders in a currency without a rate`,
    numerator: (sum) =>
      netSales(sum) +
      sum[M.tax]! +
      sum[M.shipping]! -
      sum[M.refund_tax]! -
      sum[M.refund_shipping]! -
      sum[M.cancel_tax]! -
      sum[M.cancel_shipping]!,
    denominator: null,
    proportion: false,
    settles: false,
  },
  refunds: {
    title: "Refunds",
    unit: "money",
    better: "down",
    formula: "refunded goods + cancelled goods, at refund time",
    numeratorText: "goods given back",
    denominatorText: null,
    exclusions: PEOPLE,
    numerator: (sum) => sum[M.refund_goods]! + sum[M.cancel_goods]!,
    denominator: null,
    proportion: false,
    settles: false,
  },
  orders: {
    title: "Orders",
    unit: "count",
    better: "up",
    formula: "distinct order ids placed, cancelled and pending included",
    numeratorText: "orders",
    denominatorText: null,
    exclusions: `${PEOPLE}, orders worth 0`,
    numerator: at(M.orders),
    denominator: null,
    proportion: false,
    settles: false,
  },
  sessions: {
    title: "Sessions",
    unit: "count",
    better: "up",
    formula: "distinct (session id, session start)",
    numeratorText: "human sessions that started",
    denominatorText: null,
    exclusions: PEOPLE,
    numerator: at(M.sessions),
    denominator: null,
    proportion: false,
    settles: false,
  },
  conversion_rate: {
    title: "Conversion",
    unit: "ratio",
    better: "up",
    formula: "sessions with at least one order ÷ sessions, both at the session's start",
    numeratorText: "sessions with an order",
    denominatorText: "sessions that started",
    exclusions: `${PEOPLE}, orders without a session`,
    numerator: at(M.converted),
    denominator: at(M.sessions),
    proportion: true,
    settles: true,
  },
  orders_per_session: {
    title: "Conversion, live",
    unit: "ratio",
    better: "up",
    formula: "orders placed ÷ sessions started, in the same window; moves at once and can pass 100 %",
    numeratorText: "orders",
    denominatorText: "sessions that started",
    exclusions: PEOPLE,
    numerator: at(M.orders),
    denominator: at(M.sessions),
    proportion: true,
    settles: false,
  },
  aov: {
    title: "Order value",
    unit: "money",
    better: "up",
    formula: "(gross − discounts) ÷ orders placed, at order time",
    numeratorText: "gross sales less discounts",
    denominatorText: "orders",
    exclusions: `${PEOPLE}, orders worth 0; refunds and cancellations do not lower it`,
    numerator: (sum) => sum[M.gross]! - sum[M.discount]!,
    denominator: at(M.orders),
    proportion: false,
    settles: false,
  },
  units_per_order: {
    title: "Units per order",
    unit: "count",
    better: "up",
    formula: "units ÷ orders",
    numeratorText: "units",
    denominatorText: "orders",
    exclusions: PEOPLE,
    numerator: at(M.units),
    denominator: at(M.orders),
    proportion: false,
    settles: false,
  },
  cart_abandonment: {
    title: "Carts abandoned",
    unit: "ratio",
    better: "down",
    formula: "sessions with a cart and no order ÷ sessions with a cart, at the session's start",
    numeratorText: "cart sessions without an order",
    denominatorText: "sessions with a cart",
    exclusions: PEOPLE,
    numerator: (sum) => sum[M.carts]! - sum[M.carts_converted]!,
    denominator: at(M.carts),
    proportion: true,
    settles: true,
  },
  checkout_completion: {
    title: "Checkout completion",
    unit: "ratio",
    better: "up",
    formula: "sessions with a checkout and an order ÷ sessions with a checkout, at the session's start",
    numeratorText: "checkout sessions with an order",
    denominatorText: "sessions with a checkout",
    exclusions: PEOPLE,
    numerator: at(M.checkouts_converted),
    denominator: at(M.checkouts),
    proportion: true,
    settles: true,
  },
  payment_failure_rate: {
    title: "Payments failed",
    unit: "ratio",
    better: "down",
    formula: "failed payments ÷ (failed payments + orders)",
    numeratorText: "failed payments",
    denominatorText: "payment attempts",
    exclusions: PEOPLE,
    numerator: at(M.payment_failures),
    denominator: (sum) => sum[M.payment_failures]! + sum[M.orders]!,
    proportion: true,
    settles: false,
  },
} as const satisfies Record<string, Kpi>;

export type KpiId = keyof typeof KPIS;
