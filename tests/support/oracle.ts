// What the figures must be, computed the slow and obvious way: one pass over the whole log of one partition, plain maps and
// sets, no offsets in any decision, no memory limits, no batches. Shares with the fold only what can be said of one record or one
// word alone (decoder, screen, clean, sketch bucket) and constants; everything that has to do with order, state and storage is
// written again.
import type { ShopEvent } from "../../producers/contract/events.ts";
import { EventDecoder } from "../../producers/contract/codec.ts";
import { GREATEST_AMOUNT } from "../../producers/contract/usable.ts";
import { noCounters, type Counters } from "../../stream/contract/accounting.ts";
import { LATENESS_MS, RATE_DAYS_KEPT, SECONDS_KEPT_MS, SETTLES_AFTER_MS } from "../../stream/contract/lateness.ts";
import { MEASURES, type Measure } from "../../stream/contract/measures.ts";
import { bucketOf } from "../../stream/contract/quantile-sketch.ts";
import { clean } from "../../stream/core/clean.ts";
import type { LogRecord } from "../../stream/core/log-record.ts";
import { screenEvent, screenSize } from "../../stream/core/screen.ts";
import type { Profile } from "../../stream/core/cut.ts";
import { MOST_EVENTS, type Parts, type Placed, type Take } from "../../stream/core/session.ts";

export interface OraclePane {
  measures: Partial<Record<Measure, number>>;
  sketch: Record<number, number>;
}

/** A stored session, but for its offsets: where facts come from is the fold's own affair. */
export interface OracleSession extends Profile {
  readonly visitor: string;
  readonly customer: string;
  events: number;
  /** ms. */
  lastEventAt: number;
  cart: boolean;
  checkout: boolean;
  ordered: boolean;
}

/** A stored order, in its session's profile. */
export interface OracleOrder {
  readonly session: OracleSession;
  /** ms, as the first record about it said. */
  readonly placedAt: number;
  placed: OraclePlaced | null;
  /** In the order of the log. */
  readonly takes: OracleTake[];
}

/** As stored, but for the offset. */
export type OraclePlaced = Omit<Placed, "at">;
export type OracleTake = Omit<Take, "at">;

export interface OracleResult {
  /** Key: width|start|store|dimension|value. */
  readonly panes: Map<string, OraclePane>;
  /** Key: kind|start|id. */
  readonly sessions: Map<string, OracleSession>;
  /** Key: session key|order id. */
  readonly orders: Map<string, OracleOrder>;
  readonly counters: Counters;
  readonly verdicts: string[];
}

interface State {
  session: OracleSession;
  seen: Set<string>;
}

const convert = (amount: number, rate: number): number => (rate === 1 ? amount : Math.round(amount * rate));

/** `currencies`: reporting currency by store. */
export function oracle(
  records: readonly LogRecord[],
  currencies: ReadonlyMap<string, string>,
  decoder = new EventDecoder(),
): OracleResult {
  const stores = new Set(currencies.keys());
  const panes: OracleResult["panes"] = new Map();
  const sessions: OracleResult["sessions"] = new Map();
  const orders: OracleResult["orders"] = new Map();
  const states = new Map<string, State>();
  const counters = noCounters();
  const verdicts: string[] = [];
  let watermark = -Infinity;
  /** Panes that the record at hand has revised. */
  let revised = new Set<string>();
  let fixings: { day: string; rates: Record<string, string> }[] = [];

  const none = { rate: 0, rateDay: "" };
  /** Of `amounts` in the currency `from`; none where they would be too large to sum. */
  const rateOf = (from: string, to: string, time: number, ...amounts: number[]): typeof none => {
    if (from === to) return { rate: 1, rateDay: "" };
    const today = new Date(time).toISOString().slice(0, 10);
    const known = fixings
      .filter(({ day, rates }) => day < today && [from, to].every((code) => code === "EUR" || Number(rates[code]) > 0))
      .sort((a, b) => (a.day < b.day ? 1 : -1))[0];
    if (!known) return none;
    const perEuro = (code: string): number => (code === "EUR" ? 1 : Number(known.rates[code]));
    const rate = perEuro(to) / perEuro(from);
    return amounts.some((amount) => amount * rate > GREATEST_AMOUNT) ? none : { rate, rateDay: known.day };
  };

  const add = (
    width: 1 | 60,
    time: number,
    place: [store: string, dimension: string, value: string],
    amounts: Partial<Record<Measure, number>>,
    orderValue?: number,
  ): void => {
    const start = Math.floor(time / (width * 1000)) * width;
    const key = [width, start, ...place].join("|");
    const pane = panes.get(key) ?? { measures: {}, sketch: {} };
    const put = (name: Measure, amount: number): void => {
      pane.measures[name] = (pane.measures[name] ?? 0) + amount;
    };
    for (const [name, amount] of Object.entries(amounts) as [Measure, number][]) put(name, amount);
    if (watermark >= (start + width) * 1000 + SETTLES_AFTER_MS) {
      const { gross = 0, discount = 0, refund_goods = 0, cancel_goods = 0 } = amounts;
      put("revised_sales", gross - discount - refund_goods - cancel_goods);
      if (!revised.has(key)) put("revisions", 1);
      revised.add(key);
    }
    if (orderValue !== undefined && orderValue > 0) {
      const bucket = bucketOf(orderValue);
      pane.sketch[bucket] = (pane.sketch[bucket] ?? 0) + 1;
    }
    panes.set(key, pane);
  };

  const judge = (record: LogRecord): keyof Counters => {
    if (screenSize(record.size)) return "dead-letter";
    const decoded = decoder.decode(record.value);
    if (!decoded.ok || screenEvent(decoded.event, record.timestamp, stores)) return "dead-letter";
    revised = new Set();
    const verdict = judgeEvent(decoded.event, record);
    watermark = Math.max(watermark, decoded.event.occurred_at - LATENESS_MS);
    return verdict;
  };

  const judgeEvent = (event: ShopEvent, record: LogRecord): keyof Counters => {
    if (event.test) return "filtered-test";
    if (event.type === "fx_fixed") {
      fixings = [...fixings.filter(({ day }) => day !== event.day), { day: event.day, rates: event.rates }]
        .sort((a, b) => (a.day < b.day ? -1 : 1))
        .slice(-RATE_DAYS_KEPT);
      return "counted";
    }
    if (event.type === "stock_changed" || event.type === "customer_updated" || event.type === "product_updated")
      return "counted";
    return judgeShopEvent(event, record);
  };

  const judgeShopEvent = (event: ShopEvent, record: LogRecord): keyof Counters => {
    const [kind, id, start] = belongsTo(event);
    const key = `${kind}|${start}|${id}`;
    const known = states.get(key);
    const orderId = "order_id" in event && event.type !== "payment_failed" ? (event.order_id ?? "") : "";
    const isTake = event.type === "order_refunded" || event.type === "order_cancelled";
    const orderKey = `${key}|${orderId}`;
    const eventId = `event ${event.event_id}`;
    if (known?.seen.has(eventId)) return "duplicate";
    if (known && (event.store !== known.session.store || known.session.events >= MOST_EVENTS)) return "dead-letter";
    const ids = [eventId];
    if (event.type === "order_placed") ids.push(`order ${orderId}`);
    if (event.type === "order_refunded") ids.push(`refund ${orderId} ${event.refund_id}`);
    if (event.type === "order_cancelled") ids.push(`cancel ${orderId}`);
    if (known && ids.some((text) => known.seen.has(text))) return "duplicate";

    const order = orders.get(orderKey);
    if (isTake && order?.placed) {
      if (event.currency !== order.placed.currency) return "dead-letter";
      for (const part of ["goods", "tax", "shipping"] as const)
        if (takenOff(order, part) + event[part] > order.placed.worth[part]) return "dead-letter";
    }

    // accepted: from here on it leaves facts
    const state = known ?? { session: describe(event), seen: new Set() };
    states.set(key, state);
    for (const text of ids) state.seen.add(text);
    const { session } = state;
    const places = placesOf(session);
    const seconds = Math.min(start, event.occurred_at) >= record.timestamp - SECONDS_KEPT_MS && !session.bot;
    const both = (time: number, amounts: Partial<Record<Measure, number>>, orderValue?: number): void => {
      for (const place of places) add(60, time, place, amounts, orderValue);
      if (seconds) add(1, time, places[0]!, amounts, orderValue);
    };
    const inCategory = (category: string | null, amounts: Partial<Record<Measure, number>>): void => {
      if (!session.bot) add(60, event.occurred_at, [session.store, "category", clean.category(category)], amounts);
    };
    const people = kind === "session";
    if (session.events === 0 && people) both(start, { sessions: 1 });
    session.events++;
    session.lastEventAt = Math.max(session.lastEventAt, event.occurred_at);
    sessions.set(key, session);
    const orderToChange = (placedAt: number): OracleOrder => {
      const entry = order ?? { session, placedAt, placed: null, takes: [] };
      orders.set(orderKey, entry);
      return entry;
    };

    let verdict: keyof Counters = "counted";
    switch (event.type) {
      case "page_viewed":
        both(event.occurred_at, { page_views: 1 });
        break;
      case "product_viewed":
        both(event.occurred_at, { product_views: 1 });
        inCategory(event.category, { product_views: 1 });
        break;
      case "payment_failed":
        both(event.occurred_at, { payment_failures: 1 });
        break;
      case "cart_changed":
        if (people && !session.cart) both(start, { carts: 1, ...(session.ordered && { carts_converted: 1 }) });
        session.cart = true;
        break;
      case "checkout_started":
        if (people && !session.checkout)
          both(start, { checkouts: 1, ...(session.ordered && { checkouts_converted: 1 }) });
        session.checkout = true;
        break;
      case "order_placed": {
        const goods = event.lines.reduce((sum, line) => sum + line.quantity * line.unit_price, 0);
        const { discount: off, tax: taxed, shipping: shipped } = event;
        const currency = currencies.get(event.store)!;
        const { rate, rateDay } = rateOf(event.currency, currency, event.occurred_at, goods, off, taxed, shipped);
        const gross = event.lines.reduce((sum, line) => sum + convert(line.quantity * line.unit_price, rate), 0);
        const units = event.lines.reduce((sum, line) => sum + line.quantity, 0);
        const [discount, tax, shipping] = [event.discount, event.tax, event.shipping].map((part) =>
          convert(part, rate),
        );
        if (people && !session.ordered)
          both(start, {
            converted: 1,
            ...(session.cart && { carts_converted: 1 }),
            ...(session.checkout && { checkouts_converted: 1 }),
          });
        session.ordered = true;
        const worth = { goods: goods - event.discount, tax: event.tax, shipping: event.shipping };
        verdict =
          rate === 0 ? "filtered-fx" : worth.goods + worth.tax + worth.shipping === 0 ? "filtered-amount" : "counted";
        orderToChange(event.placed_at).placed = {
          occurredAt: event.occurred_at,
          verdict,
          currency: event.currency,
          rateDay,
          rate,
          worth,
          gross,
          discount: discount!,
          tax: tax!,
          shipping: shipping!,
          units,
          lines: event.lines.map((line) => ({ ...line, category: clean.category(line.category) })),
        };
        if (verdict !== "counted") break;
        const amounts = { orders: 1, units, gross, discount: discount!, tax: tax!, shipping: shipping! };
        both(event.occurred_at, amounts, gross - discount!);
        for (const category of new Set(event.lines.map((line) => clean.category(line.category)))) {
          const lines = event.lines.filter((line) => clean.category(line.category) === category);
          inCategory(category, {
            orders: 1,
            units: lines.reduce((sum, line) => sum + line.quantity, 0),
            gross: lines.reduce((sum, line) => sum + convert(line.quantity * line.unit_price, rate), 0),
          });
        }
        break;
      }
      case "order_refunded":
      case "order_cancelled": {
        const original = { goods: event.goods, tax: event.tax, shipping: event.shipping };
        const currency = currencies.get(event.store)!;
        const today = rateOf(event.currency, currency, event.occurred_at, ...Object.values(original));
        const { rate } = order?.placed ?? today;
        const [goods, tax, shipping] = [event.goods, event.tax, event.shipping].map((part) => convert(part, rate));
        const reported = { goods: goods!, tax: tax!, shipping: shipping! };
        const { occurred_at: occurredAt } = event;
        const refund = event.type === "order_refunded";
        orderToChange(event.placed_at).takes.push(
          refund
            ? { kind: "refund", id: event.refund_id, occurredAt, reported, original }
            : { kind: "cancellation", id: "", occurredAt, reported, original },
        );
        if (rate === 0) verdict = "filtered-fx";
        else if (refund)
          both(occurredAt, { refunds: 1, refund_goods: goods!, refund_tax: tax!, refund_shipping: shipping! });
        else both(occurredAt, { cancellations: 1, cancel_goods: goods!, cancel_tax: tax!, cancel_shipping: shipping! });
        break;
      }
      default:
        break;
    }
    return session.bot ? "filtered-bot" : verdict;
  };

  for (const record of records) {
    const verdict = judge(record);
    counters[verdict]++;
    verdicts.push(verdict);
  }
  return { panes, sessions, orders, counters, verdicts };
}

function belongsTo(event: ShopEvent): [kind: string, id: string, start: number] {
  if (event.type === "order_refunded" && event.order_id === null) return ["refund", event.refund_id, event.placed_at];
  if (event.session_id !== null) return ["session", event.session_id, event.session_started_at!];
  if (event.type === "order_placed" || event.type === "order_refunded" || event.type === "order_cancelled")
    return ["order", event.order_id!, event.placed_at];
  throw new Error(`${event.type} needs a session`);
}

function describe(event: ShopEvent): OracleSession {
  return {
    store: event.store,
    visitor: event.visitor_id ?? "",
    customer: event.customer_id ?? "",
    channel: clean.channel(event.channel),
    campaign: event.campaign ?? "",
    country: clean.country(event.country),
    region: event.region ?? "",
    device: clean.device(event.device),
    segment: clean.segment(event.segment),
    bot: clean.bot(event.user_agent),
    events: 0,
    lastEventAt: 0,
    cart: false,
    checkout: false,
    ordered: false,
  };
}

const takenOff = (order: OracleOrder, part: keyof Parts): number =>
  order.takes.reduce((sum, take) => sum + take.original[part], 0);

function placesOf(session: OracleSession): [string, string, string][] {
  const { store, channel, country, device, segment, bot } = session;
  if (bot) return [[store, "bot", "all"]];
  return [
    [store, "total", "all"],
    [store, "channel", channel],
    [store, "country", country],
    [store, "device", device],
    [store, "segment", segment],
    [store, "channel_country", `${channel}|${country}`],
  ];
}

/** A session as it is compared: every public column. */
export const sessionFacts = (session: OracleSession): unknown[] => [
  ...profileOf(session),
  session.events,
  session.lastEventAt,
  session.cart,
  session.checkout,
  session.ordered,
];

/** An order as it is compared: every column but those of offsets. */
export const orderFacts = ({ session, placedAt, placed, takes }: OracleOrder): unknown[] => [
  ...profileOf(session),
  placedAt,
  placed && [
    placed.occurredAt,
    placed.verdict,
    placed.currency,
    placed.rateDay,
    placed.rate,
    amountsOf(placed.worth),
    placed.gross,
    placed.discount,
    placed.tax,
    placed.shipping,
    placed.units,
    placed.lines.map(({ sku, name, category, quantity, unit_price }) => [sku, name, category, quantity, unit_price]),
  ],
  takes.map(({ kind, id, occurredAt, reported, original }) => [
    kind,
    id,
    occurredAt,
    amountsOf(reported),
    amountsOf(original),
  ]),
];

const amountsOf = ({ goods, tax, shipping }: Parts): number[] => [goods, tax, shipping];

function profileOf(session: OracleSession): unknown[] {
  const { store, visitor, customer, channel, campaign, country, region, device, segment, bot } = session;
  return [store, visitor, customer, channel, campaign, country, region, device, segment, bot];
}

/** A pane as it is compared: measures in the order of MEASURES, then the sketch's buckets and how many values are in each. */
export function paneFacts(pane: OraclePane): [measures: number[], sketchIndex: number[], sketchCount: number[]] {
  const buckets = Object.entries(pane.sketch).sort(([a], [b]) => Number(a) - Number(b));
  return [vectorOf(pane), buckets.map(([bucket]) => Number(bucket)), buckets.map(([, count]) => count)];
}

/** A pane's measures in the order of MEASURES. */
export const vectorOf = (pane: OraclePane): number[] => MEASURES.map((name) => pane.measures[name] ?? 0);
