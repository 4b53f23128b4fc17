// What the figures must be, computed the slow and obvious way: one pass over the whole log of one partition, plain maps and
// sets, no offsets in any decision, no memory limits, no batches. Shares with the fold only the rules on single records
// (screen) and single words (clean); everything that has to do with order, state and storage is written again.
import type { ShopEvent } from "../../producers/contract/events.ts";
import { EventDecoder } from "../../producers/contract/codec.ts";
import { noCounters, type Counters } from "../../stream/contract/accounting.ts";
import { LATENESS_MS, SECONDS_KEPT_MS, SETTLES_AFTER_MS } from "../../stream/contract/lateness.ts";
import { MEASURES, type Measure } from "../../stream/contract/measures.ts";
import { bucketOf } from "../../stream/contract/quantile-sketch.ts";
import { clean } from "../../stream/core/clean.ts";
import type { LogRecord } from "../../stream/core/log-record.ts";
import { screenEvent, screenSize } from "../../stream/core/screen.ts";

export interface OraclePane {
  measures: Partial<Record<Measure, number>>;
  sketch: Record<number, number>;
}

export interface OracleSession {
  store: string;
  channel: string;
  country: string;
  device: string;
  segment: string;
  bot: boolean;
  visitor: string;
  customer: string;
  events: number;
  ordered: boolean;
}

export interface OracleOrder {
  gross: number | null;
  lines: number;
  taken: number;
  takes: number;
}

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
  profile: OracleSession;
  seen: Set<string>;
  cart: boolean;
  checkout: boolean;
}

interface KnownOrder {
  placed: { currency: string; rate: number; worth: Amounts } | null;
  taken: Amounts;
}

type Amounts = { goods: number; tax: number; shipping: number };

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
  const knownOrders = new Map<string, KnownOrder>();
  const counters = noCounters();
  const verdicts: string[] = [];
  let watermark = -Infinity;
  /** Panes that the record at hand has revised. */
  let revised = new Set<string>();
  let fixings: { day: string; rates: Record<string, string> }[] = [];

  const rateOf = (from: string, to: string, time: number): number | null => {
    if (from === to) return 1;
    const today = new Date(time).toISOString().slice(0, 10);
    const known = fixings
      .filter(({ day, rates }) => day < today && [from, to].every((code) => code === "EUR" || Number(rates[code]) > 0))
      .sort((a, b) => (a.day < b.day ? 1 : -1))[0];
    if (!known) return null;
    const perEuro = (code: string): number => (code === "EUR" ? 1 : Number(known.rates[code]));
    return perEuro(to) / perEuro(from);
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
        .slice(-40);
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
    const ids = [`event ${event.event_id}`];
    if (event.type === "order_placed") ids.push(`order ${orderId}`);
    if (event.type === "order_refunded") ids.push(`refund ${orderId} ${event.refund_id}`);
    if (event.type === "order_cancelled") ids.push(`cancel ${orderId}`);
    if (known && ids.some((text) => known.seen.has(text))) return "duplicate";

    const order = knownOrders.get(orderKey);
    if (isTake && order?.placed) {
      if (event.currency !== order.placed.currency) return "dead-letter";
      for (const part of ["goods", "tax", "shipping"] as const)
        if (order.taken[part] + event[part] > order.placed.worth[part]) return "dead-letter";
    }

    // accepted: from here on it leaves facts
    const state = known ?? { profile: describe(event), seen: new Set(), cart: false, checkout: false };
    states.set(key, state);
    for (const text of ids) state.seen.add(text);
    const { profile } = state;
    const places = placesOf(profile);
    const seconds = Math.min(start, event.occurred_at) >= record.timestamp - SECONDS_KEPT_MS && !profile.bot;
    const both = (time: number, amounts: Partial<Record<Measure, number>>, orderValue?: number): void => {
      for (const place of places) add(60, time, place, amounts, orderValue);
      if (seconds) add(1, time, places[0]!, amounts, orderValue);
    };
    const inCategory = (category: string | null, amounts: Partial<Record<Measure, number>>): void => {
      if (!profile.bot) add(60, event.occurred_at, [profile.store, "category", clean.category(category)], amounts);
    };
    const people = kind === "session";
    if (profile.events === 0 && people) both(start, { sessions: 1 });
    profile.events++;
    sessions.set(key, profile);

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
        if (people && !state.cart) both(start, { carts: 1, ...(profile.ordered && { carts_converted: 1 }) });
        state.cart = true;
        break;
      case "checkout_started":
        if (people && !state.checkout)
          both(start, { checkouts: 1, ...(profile.ordered && { checkouts_converted: 1 }) });
        state.checkout = true;
        break;
      case "order_placed": {
        const rate = rateOf(event.currency, currencies.get(event.store)!, event.occurred_at);
        const goods = event.lines.reduce((sum, line) => sum + line.quantity * line.unit_price, 0);
        const gross = event.lines.reduce((sum, line) => sum + convert(line.quantity * line.unit_price, rate ?? 0), 0);
        if (people && !profile.ordered)
          both(start, {
            converted: 1,
            ...(state.cart && { carts_converted: 1 }),
            ...(state.checkout && { checkouts_converted: 1 }),
          });
        profile.ordered = true;
        const worth = { goods: goods - event.discount, tax: event.tax, shipping: event.shipping };
        const entry = order ?? { placed: null, taken: { goods: 0, tax: 0, shipping: 0 } };
        entry.placed = { currency: event.currency, rate: rate ?? 0, worth };
        knownOrders.set(orderKey, entry);
        orders.set(orderKey, { ...(orders.get(orderKey) ?? { taken: 0, takes: 0 }), gross, lines: event.lines.length });
        if (rate === null) verdict = "filtered-fx";
        else if (worth.goods + worth.tax + worth.shipping === 0) verdict = "filtered-amount";
        else {
          const discount = convert(event.discount, rate);
          both(
            event.occurred_at,
            {
              orders: 1,
              units: event.lines.reduce((sum, line) => sum + line.quantity, 0),
              gross,
              discount,
              tax: convert(event.tax, rate),
              shipping: convert(event.shipping, rate),
            },
            gross - discount,
          );
          for (const category of new Set(event.lines.map((line) => clean.category(line.category)))) {
            const lines = event.lines.filter((line) => clean.category(line.category) === category);
            inCategory(category, {
              orders: 1,
              units: lines.reduce((sum, line) => sum + line.quantity, 0),
              gross: lines.reduce((sum, line) => sum + convert(line.quantity * line.unit_price, rate), 0),
            });
          }
        }
        break;
      }
      case "order_refunded":
      case "order_cancelled": {
        const rate = order?.placed
          ? order.placed.rate
          : (rateOf(event.currency, currencies.get(event.store)!, event.occurred_at) ?? 0);
        const [goods, tax, shipping] = [event.goods, event.tax, event.shipping].map((amount) => convert(amount, rate));
        const entry = order ?? { placed: null, taken: { goods: 0, tax: 0, shipping: 0 } };
        entry.taken.goods += event.goods;
        entry.taken.tax += event.tax;
        entry.taken.shipping += event.shipping;
        knownOrders.set(orderKey, entry);
        const shown = orders.get(orderKey) ?? { gross: null, lines: 0, taken: 0, takes: 0 };
        orders.set(orderKey, { ...shown, taken: shown.taken + goods!, takes: shown.takes + 1 });
        if (rate === 0) verdict = "filtered-fx";
        else if (event.type === "order_refunded")
          both(event.occurred_at, {
            refunds: 1,
            refund_goods: goods!,
            refund_tax: tax!,
            refund_shipping: shipping!,
          });
        else
          both(event.occurred_at, {
            cancellations: 1,
            cancel_goods: goods!,
            cancel_tax: tax!,
            cancel_shipping: shipping!,
          });
        break;
      }
      default:
        break;
    }
    return profile.bot ? "filtered-bot" : verdict;
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
    channel: clean.channel(event.channel),
    country: clean.country(event.country),
    device: clean.device(event.device),
    segment: clean.segment(event.segment),
    bot: clean.bot(event.user_agent),
    visitor: event.visitor_id ?? "",
    customer: event.customer_id ?? "",
    events: 0,
    ordered: false,
  };
}

function placesOf(profile: OracleSession): [string, string, string][] {
  const { store, channel, country, device, segment, bot } = profile;
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

/** A pane's measures in the order of MEASURES. */
export const vectorOf = (pane: OraclePane): number[] => MEASURES.map((name) => pane.measures[name] ?? 0);
