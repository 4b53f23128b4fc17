// Random logs of one partition, small enough to read and nasty enough to matter: late by minutes and by days, duplicated,
// undecodable, from the future, orders without sessions, refunds before their orders, carts after them, bots, tests, fixings.
import { encodeEvent } from "../../producers/contract/codec.ts";
import type { Common, EventOf, ShopEvent } from "../../producers/contract/events.ts";
import { LogRecord } from "../../stream/core/log-record.ts";
import type { Random } from "./memory-storage.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 17, 9);

/** mulberry32: a small seeded generator, uniform in [0, 1). */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function randomLog(random: Random, records: number): LogRecord[] {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const sessions: Pick<Common, "session_id" | "session_started_at" | "user_agent" | "store">[] = [];
  const orders: { order_id: string; placed_at: number; store: string; session: (typeof sessions)[number] | null }[] =
    [];
  const log: LogRecord[] = [];
  let now = START;
  const append = (value: Buffer): void => {
    const gap = random() < 0.06 ? 1 + Math.floor(random() * 3) : 0; // as transaction markers leave them
    log.push(LogRecord.of((log.at(-1)?.offset ?? -1) + 1 + gap, now, null, value));
  };

  const gaps = pick([
    [0, 1000, 20_000, MINUTE, 7 * MINUTE, 40 * MINUTE],
    [0, 0, 0, 500, 2000, 4 * MINUTE], // many events a minute
  ]);
  while (log.length < records) {
    now += pick(gaps);
    const late = pick([0, 0, 0, 2000, 5 * MINUTE, 35 * MINUTE, 5 * 60 * MINUTE, 4 * 1440 * MINUTE]);
    const occurred = now - late;
    const chance = random();
    if (chance < 0.12 && log.length > 0) {
      append(pick(log).value!);
      continue;
    }
    if (chance < 0.16) {
      append(pick([Buffer.from("rubbish"), Buffer.alloc(0), log[0]?.value?.subarray(0, 14) ?? Buffer.from([0xc3])]));
      continue;
    }
    if (sessions.length === 0 || random() < 0.25)
      sessions.push({
        session_id: `s${sessions.length % 9}`,
        session_started_at: occurred - pick([0, 0, MINUTE, 50 * MINUTE]),
        user_agent: random() < 0.12 ? "Googlebot/2.1" : null,
        store: pick(["a", "a", "a", "b"]),
      });
    const session = pick(sessions);
    const common: Common = {
      event_id: `e${random() < 0.03 ? Math.floor(random() * 5) : log.length}`,
      occurred_at: occurred,
      ...session,
      store: random() < 0.9 ? session.store : pick(["a", "b", "nowhere"]),
      visitor_id: chance < 0.9 ? null : chance < 0.95 ? "v1" : `besucher-ä-${"v".repeat(38)}`,
      customer_id: pick([null, "c1", "ключ"]),
      channel: pick(["email", "Social ", ""]),
      campaign: null,
      country: pick(["United Kingdom", "DE", "EIRE", "Atlantis"]),
      region: null,
      device: pick(["mobile", "desktop"]),
      segment: pick([null, "vip"]),
      test: random() < 0.04,
    };
    append(encodeEvent(randomEvent(common)));
  }
  return log;

  function randomEvent(common: Common): ShopEvent {
    const chance = random();
    const currency = pick(["GBP", "GBP", "GBP", "EUR", "XOF"]);
    const category = pick([" home  &  garden", "Electronics", null]);
    if (chance < 0.05) return { type: "session_started", ...common, referrer: null };
    if (chance < 0.15) return { type: "page_viewed", ...common, page: "/" };
    if (chance < 0.25) return { type: "product_viewed", ...common, sku: "k1", category };
    if (chance < 0.35) return { type: "cart_changed", ...common, sku: "k1", category, quantity: 1 };
    if (chance < 0.42) return { type: "checkout_started", ...common, cart_value: 10_000, currency };
    if (chance < 0.46)
      return { type: "payment_failed", ...common, order_id: null, amount: 10_000, currency, reason: null };
    if (chance < 0.5) return { type: "stock_changed", ...common, sku: "k1", on_hand: 3, change: -1, reason: null };
    if (chance < 0.55) {
      const day = new Date(common.occurred_at - pick([0, 1, 3]) * 1440 * MINUTE).toISOString().slice(0, 10);
      return { type: "fx_fixed", ...common, test: false, day, rates: { GBP: pick(["0.85", "0.9"]), USD: "1.1" } };
    }
    if (chance < 0.57) return { type: "page_viewed", ...common, page: "/", occurred_at: now + 10 * MINUTE };
    if (chance < 0.78) return randomOrder(common, currency);
    return randomTake(common, currency);
  }

  function randomOrder(common: Common, currency: string): EventOf<"order_placed"> {
    let order = orders.length > 0 && random() < 0.3 ? pick(orders) : null;
    if (!order) {
      const alone = random() < 0.25;
      order = {
        order_id: `o${orders.length}`,
        placed_at: common.occurred_at,
        store: common.store,
        session: alone ? null : { ...common },
      };
      orders.push(order);
    }
    const price = pick([0, 25_500, 99_999, -1]);
    const line = (category: string | null, unit_price: number): EventOf<"order_placed">["lines"][number] => ({
      sku: "k1",
      name: "thing",
      category,
      quantity: pick([1, 1, 2, 0]) || 1,
      unit_price,
    });
    return {
      type: "order_placed",
      ...common,
      ...sessionOf(order),
      order_id: order.order_id,
      placed_at: order.placed_at,
      currency,
      lines: pick([[line("toys", price)], [line("toys", price), line(" TOYS", 10_000), line(null, 0)], []]),
      discount: pick([0, 0, 5000]),
      tax: pick([0, 2000]),
      shipping: pick([0, 3900]),
    };
  }

  function randomTake(common: Common, currency: string): ShopEvent {
    const order = orders.length > 0 && random() < 0.8 ? pick(orders) : null;
    const amounts = { goods: pick([0, 5000, 20_000]), tax: pick([0, 1000]), shipping: 0, currency, reason: null };
    if (order === null && random() < 0.5)
      return {
        type: "order_refunded",
        ...common,
        refund_id: `r${Math.floor(random() * 4)}`,
        order_id: null,
        placed_at: common.occurred_at,
        lines: [],
        ...amounts,
      };
    // a refund of an order that may come later, or never
    const { occurred_at: placed_at, store } = common;
    const about = order ?? { order_id: `o${orders.length}`, placed_at, store, session: { ...common } };
    if (order === null) orders.push(about);
    const shared = { ...common, ...sessionOf(about), order_id: about.order_id, placed_at: about.placed_at };
    return random() < 0.75
      ? { type: "order_refunded", ...shared, refund_id: `r${Math.floor(random() * 4)}`, lines: [], ...amounts }
      : { type: "order_cancelled", ...shared, ...amounts };
  }

  function sessionOf({
    session,
    store,
  }: (typeof orders)[number]): Pick<Common, "session_id" | "session_started_at" | "store"> {
    return { session_id: session?.session_id ?? null, session_started_at: session?.session_started_at ?? null, store };
  }
}
