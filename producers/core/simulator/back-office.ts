// What the shop says about itself without any visitor: its products at the start of each day, its stock in the morning,
// and the day's exchange rates.
import type { Common, ShopEvent } from "../../contract/events.ts";
import type { Catalogue, Product } from "./catalogue.ts";
import type { Arrival } from "./delivery.ts";
import { fixingOf, PUBLISHED_AT } from "./fixings.ts";
import { Random } from "./random.ts";
import { DAY, HOUR, MINUTE, type Shop } from "./shop.ts";
import type { StoreTime } from "./store-time.ts";

const STOCKTAKE_AFTER = 6 * HOUR;
const TRANSIT = 200;
/** So many days of rates let the first orders be converted, weekends and holidays included. */
const OPENING_DAYS = 7;

/** What the back office sends in the minute that begins at `minute`, ms UTC. */
export function backOffice(shop: Shop, time: StoreTime, catalogue: Catalogue, minute: number): Arrival[] {
  const sent: ShopEvent[] = [];
  if (isNewDay(time, minute)) sent.push(...catalogue.products.map((product) => priced(shop, product, minute)));
  if (isNewDay(time, minute - STOCKTAKE_AFTER))
    sent.push(...catalogue.products.map((product) => counted(shop, product, time.day(minute), minute)));
  if (minute % DAY === PUBLISHED_AT) sent.push(...fixed(shop, minute - PUBLISHED_AT));
  return sent.map(arriveAtOnce);
}

/** What a log that starts at `from` has to begin with: products, and the rates of the days before. */
export function opening(shop: Shop, catalogue: Catalogue, from: number): Arrival[] {
  const today = Math.floor(from / DAY) * DAY;
  const days = Array.from({ length: OPENING_DAYS }, (_, i) => today - (OPENING_DAYS - i) * DAY);
  const events = [
    ...days.flatMap((day) => fixed(shop, day)),
    ...catalogue.products.map((product) => priced(shop, product, from)),
  ];
  return events.map((event) => ({ at: from, copy: 0, event }));
}

function isNewDay(time: StoreTime, minute: number): boolean {
  return time.day(minute) !== time.day(minute - MINUTE);
}

function arriveAtOnce(event: ShopEvent): Arrival {
  return { at: event.occurred_at + TRANSIT, copy: 0, event };
}

function priced(shop: Shop, { sku, name, category, price }: Product, at: number): ShopEvent {
  const common = office(shop, `p-${sku}-${(at / MINUTE).toString(36)}`, at);
  return { type: "product_updated", ...common, sku, name, category, price, currency: shop.currency, active: true };
}

function counted(shop: Shop, product: Product, day: number, at: number): ShopEvent {
  const onHand = stockOf(shop, product, day);
  const change = onHand - stockOf(shop, product, day - 1);
  return {
    type: "stock_changed",
    ...office(shop, `k-${product.sku}-${(at / MINUTE).toString(36)}`, at),
    sku: product.sku,
    on_hand: onHand,
    change,
    reason: change > 0 ? "delivery" : "stocktake",
  };
}

/** A shelf empties at the product's own pace and is filled up again. */
function stockOf(shop: Shop, { sku, popularity }: Product, day: number): number {
  const random = new Random(shop.seed, sku);
  const cycle = 8 + random.below(18);
  const perDay = Math.ceil((popularity * shop.sessionsPerDay) / 1500);
  return perDay * (cycle + 2 - ((day + random.below(cycle)) % cycle));
}

function fixed(shop: Shop, day: number): ShopEvent[] {
  const fixing = fixingOf(shop.seed, day);
  if (fixing === null) return [];
  const common = office(shop, `fx-${fixing.day}`, fixing.publishedAt);
  return [{ type: "fx_fixed", ...common, day: fixing.day, rates: { ...fixing.rates } }];
}

function office(shop: Shop, id: string, at: number): Common {
  return {
    event_id: `${shop.seed.toString(36)}-${id}`,
    occurred_at: at,
    store: shop.store,
    session_id: null,
    session_started_at: null,
    visitor_id: null,
    customer_id: null,
    channel: "unknown",
    campaign: null,
    country: "",
    region: null,
    device: "unknown",
    segment: null,
    user_agent: null,
    test: false,
  };
}
