// The log that is measured: sessions that overlap, the mix of events of a real shop, a few late and a few repeated records.
// Seeded, so that every run and every peer folds the same bytes.
import { encodeEvent } from "../producers/contract/codec.ts";
import { Random } from "../producers/core/simulator/random.ts";
import { recordKey, type Common, type ShopEvent } from "../producers/contract/events.ts";

export interface Workload {
  readonly events: number;
  /** Sessions that are in the middle of their visit at any time. */
  readonly openSessions: number;
  /** Events of event time per second. */
  readonly perSecond: number;
  /** Different values of dimensions, in all: channels, countries, devices, segments and categories. */
  readonly dimensionValues: number;
  /** Ids and words as short as they get, no visitor, no user agent but a bot's: a third of the bytes. */
  readonly slim: boolean;
  readonly seed: number;
  /** Time of the first event, ms. */
  readonly from: number;
}

export const USUAL: Workload = {
  events: 2_000_000,
  openSessions: 50_000,
  perSecond: 2_000,
  dimensionValues: 60,
  slim: false,
  seed: 1,
  from: Date.UTC(2026, 9, 5, 8),
};

/** What published figures of stream processors are about: small events of few dimension values. */
export const SLIM: Workload = { ...USUAL, dimensionValues: 29, slim: true };

export interface Message {
  readonly key: string;
  readonly value: Buffer;
  /** When Kafka would have got it, ms. */
  readonly timestamp: number;
  /** An order that counts. */
  readonly isOrder: boolean;
}

/** Events that a session has at its mean; lengths are geometric. */
const EVENTS_PER_SESSION = 8;
/** Share of records that come later than the watermark, and that are sent twice. */
const LATE = 0.01;
const REPEATED = 0.01;
const USER_AGENTS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
];
const BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const COUNTRIES = "GB DE FR US ES IT NL SE PL AT BE DK FI IE PT CH NO CZ GR HU JP CA AU BR MX IN ZA TR AE SG".split(
  " ",
);

const padded = (id: number): string => id.toString(36).padStart(8, "0");

/** How many values each dimension has: a sixth are channels, a third countries, three devices, a few segments, the rest categories. */
function words(
  values: number,
  slim: boolean,
): Record<"channel" | "country" | "device" | "segment" | "category", readonly string[]> {
  const named = (name: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => (slim ? `${name[0]}${i + 1}` : `${name} ${i + 1}`));
  const channel = named("channel", Math.max(2, Math.round(values / 6)));
  const country = COUNTRIES.slice(0, Math.max(2, Math.min(COUNTRIES.length, Math.round(values / 3))));
  const segment = named("Segment", Math.max(2, Math.min(12, Math.round(values / 10))));
  const rest = values - channel.length - country.length - segment.length - 3;
  return {
    channel,
    country,
    device: ["desktop", "mobile", "tablet"],
    segment,
    category: named("Category", Math.max(2, rest)),
  };
}

export function* workload({
  events,
  openSessions,
  perSecond,
  dimensionValues,
  slim,
  seed,
  from,
}: Workload): Generator<Message> {
  const draws = new Random(seed, "bench");
  const random = (): number => draws.next();
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const vocabulary = words(dimensionValues, slim);
  let sessions = 0;
  interface Open {
    readonly common: Omit<Common, "event_id" | "occurred_at">;
    events: number;
    orders: number;
  }
  const open = (now: number): Open => {
    const id = sessions++;
    return {
      events: 0,
      orders: 0,
      common: {
        store: "shop",
        session_id: slim ? id.toString(36) : `s-${seed}-${padded(id)}`,
        session_started_at: now,
        visitor_id: slim ? null : `v-${padded(Math.floor(id / 2))}`,
        customer_id: !slim && random() < 0.3 ? `c-${Math.floor(random() * 1e6)}` : null,
        channel: pick(vocabulary.channel),
        campaign: null,
        country: pick(vocabulary.country),
        region: null,
        device: pick(vocabulary.device),
        segment: pick(vocabulary.segment),
        user_agent: random() < 0.02 ? BOT : slim ? null : pick(USER_AGENTS),
        test: false,
      },
    };
  };

  const next = (session: Open, now: number): ShopEvent => {
    const late = session.events > 0 && random() < LATE ? Math.floor(random() * 120_000) : 0;
    const number = session.events++;
    const common: Common = {
      ...session.common,
      event_id: slim ? String(number) : `${session.common.session_id}.${number}`,
      occurred_at: Math.max(session.common.session_started_at!, now - late),
    };
    const category = pick(vocabulary.category);
    const sku = `sku-${Math.floor(random() * 5000)}`;
    const chance = random();
    if (number === 0) return { type: "session_started", ...common, referrer: null };
    if (chance < 0.5) return { type: "page_viewed", ...common, page: slim ? "/" : "/a/page/of/the/shop" };
    if (chance < 0.8) return { type: "product_viewed", ...common, sku, category };
    if (chance < 0.9) return { type: "cart_changed", ...common, sku, category, quantity: 1 };
    if (chance < 0.94) return { type: "checkout_started", ...common, cart_value: 250_000, currency: "GBP" };
    if (chance < 0.95)
      return { type: "payment_failed", ...common, order_id: null, amount: 250_000, currency: "GBP", reason: null };
    const order = `${session.common.session_id}-${session.orders}`;
    if (session.orders > 0 && chance < 0.955)
      return {
        type: "order_refunded",
        ...common,
        refund_id: `r-${order}-${number}`,
        order_id: `${session.common.session_id}-0`,
        placed_at: session.common.session_started_at!,
        lines: [],
        goods: 1_000,
        tax: 0,
        shipping: 0,
        currency: "GBP",
        reason: null,
      };
    session.orders++;
    const line = (): { sku: string; name: string; category: string; quantity: number; unit_price: number } => ({
      sku: `sku-${Math.floor(random() * 5000)}`,
      name: "A thing that people buy",
      category: pick(vocabulary.category),
      quantity: 1 + Math.floor(random() * 3),
      unit_price: 10_000 + Math.floor(random() * 900_000),
    });
    return {
      type: "order_placed",
      ...common,
      order_id: order,
      placed_at: session.common.session_started_at!,
      currency: "GBP",
      lines: Array.from({ length: 1 + Math.floor(random() * 3) }, line),
      discount: 5_000,
      tax: 20_000,
      shipping: 39_000,
    };
  };

  const now = (i: number): number => from + Math.floor((i * 1000) / perSecond);
  const live = Array.from({ length: openSessions }, () => open(from));
  let last: Message | null = null;
  for (let i = 0; i < events; i++) {
    if (last !== null && random() < REPEATED) {
      yield { ...last, timestamp: now(i), isOrder: false };
      continue;
    }
    const at = Math.floor(random() * openSessions);
    if (live[at]!.events > 0 && random() < 1 / EVENTS_PER_SESSION) live[at] = open(now(i));
    const session = live[at]!;
    const event = next(session, now(i));
    const isOrder = event.type === "order_placed" && session.common.user_agent !== BOT;
    last = { key: recordKey(event), value: encodeEvent(event), timestamp: now(i), isOrder };
    yield last;
  }
}
