// One session from its first page to its end: page → products → cart → checkout → payment → order.
//
//   look  1 to many pages, sometimes a cart, now and then a checkout that comes to nothing
//   buy   products, a cart, a checkout, payment until it works, the order
//   crawl many pages, fast
import type { EventOf, ShopEvent } from "../../contract/events.ts";
import { currencyOf, fillBasket, totalsOf, type Item } from "./basket.ts";
import type { Catalogue } from "./catalogue.ts";
import { categoryAsSent } from "./dirt.ts";
import { incidentAt, type Incident } from "./incidents.ts";
import { Random } from "./random.ts";
import type { Shop } from "./shop.ts";
import type { Visit } from "./visits.ts";
import { Voice } from "./voice.ts";

/** No session lasts longer than this, ms. */
export const LONGEST_SESSION = 2 * 3600_000;

const PAGES = ["/", "/search", "/c/electronics", "/c/home-garden", "/offers", "/delivery", "/about", "/blog"] as const;
const DECLINES = ["insufficient_funds", "card_declined", "3ds_failed", "expired_card"] as const;

const BOUNCES = 0.48;
const MEAN_PAGES = 0.55;
const MEAN_PRODUCTS = 0.85;
const LOOKER_CARTS = 0.068;
const LOOKER_CHECKS_OUT = 0.34;
const LOOKER_PAYMENT_FAILS = 0.3;
const BUYER_PAYMENT_FAILS = 0.05;
const MOST_PAYMENTS = 3;
const BROWSING_WITHIN = 3600_000;
const UPDATES_CUSTOMER = 0.05;

export interface Journey {
  readonly events: ShopEvent[];
  readonly order: EventOf<"order_placed"> | null;
  /** For what happens to the order later. */
  readonly voice: Voice;
}

export function journeyOf(shop: Shop, catalogue: Catalogue, visit: Visit, incidents: readonly Incident[]): Journey {
  return new Walk(shop, catalogue, visit, incidents).run();
}

class Walk {
  readonly #shop: Shop;
  readonly #catalogue: Catalogue;
  readonly #visit: Visit;
  readonly #incidents: readonly Incident[];
  readonly #random: Random;
  readonly #voice: Voice;
  readonly #events: ShopEvent[] = [];
  #now: number;

  constructor(shop: Shop, catalogue: Catalogue, visit: Visit, incidents: readonly Incident[]) {
    this.#shop = shop;
    this.#catalogue = catalogue;
    this.#visit = visit;
    this.#incidents = incidents;
    this.#random = new Random(shop.seed, visit.key);
    this.#voice = new Voice(shop, visit, this.#random);
    this.#now = visit.startedAt;
  }

  run(): Journey {
    const random = this.#random;
    const { purpose, channel } = this.#visit;
    const referrer = channel.referrers.length === 0 ? null : random.pick(channel.referrers);
    this.#events.push({ type: "session_started", ...this.#voice.at(this.#now), referrer });
    if (purpose === "crawl") {
      this.#browse(3 + random.below(7), 2 + random.below(6), 3000);
      return this.#end(null);
    }
    const looking = purpose !== "buy";
    if (looking && random.chance(BOUNCES)) {
      this.#browse(1, 0, 0);
      return this.#end(null);
    }
    this.#browse(1 + random.count(MEAN_PAGES), random.count(looking ? MEAN_PRODUCTS : 1), 35_000);
    if (looking && !random.chance(LOOKER_CARTS)) return this.#end(null);
    return this.#shopping(looking);
  }

  #shopping(looking: boolean): Journey {
    const random = this.#random;
    const currency = currencyOf(this.#visit, random, this.#shop.currency);
    const items = fillBasket(this.#visit, random, this.#catalogue, currency, this.#shop.currency);
    for (const item of items) this.#putIntoCart(item);
    if (looking && !random.chance(LOOKER_CHECKS_OUT)) return this.#end(null);

    const hasCode = random.chance(this.#visit.channel.name === "email" ? 0.3 : 0.1);
    const totals = totalsOf(items, this.#visit, hasCode);
    this.#wait(25_000);
    this.#events.push({ type: "checkout_started", ...this.#voice.at(this.#now), cart_value: totals.goods, currency });
    if (this.#hit("checkout-broken")) return this.#end(null);

    if (!this.#pay(looking, totals.goods - totals.discount + totals.tax + totals.shipping, currency))
      return this.#end(null);
    if (this.#visit.customer !== null) this.#voice.signIn();
    const order: EventOf<"order_placed"> = {
      type: "order_placed",
      ...this.#voice.at(this.#now),
      order_id: this.#voice.sessionId.replace("s-", "o-"),
      placed_at: this.#now,
      currency,
      lines: items.map(({ product, quantity, price }) => ({
        sku: product.sku,
        name: product.name,
        category: categoryAsSent(random, product.category),
        quantity,
        unit_price: price,
      })),
      discount: totals.discount,
      tax: totals.tax,
      shipping: totals.shipping,
    };
    this.#events.push(order);
    this.#updateCustomer();
    return this.#end(order);
  }

  #browse(pages: number, products: number, meanGap: number): void {
    const random = this.#random;
    for (let i = 0; i < pages + products; i++) {
      if (this.#now - this.#visit.startedAt > BROWSING_WITHIN) return;
      if (i < pages) this.#events.push({ type: "page_viewed", ...this.#voice.at(this.#now), page: random.pick(PAGES) });
      else this.#look();
      this.#wait(meanGap);
    }
  }

  #look(product = this.#catalogue.pick(this.#random)): void {
    const category = categoryAsSent(this.#random, product.category);
    this.#events.push({ type: "product_viewed", ...this.#voice.at(this.#now), sku: product.sku, category });
  }

  #putIntoCart({ product, quantity }: Item): void {
    this.#wait(30_000);
    this.#look(product);
    this.#wait(15_000);
    const category = categoryAsSent(this.#random, product.category);
    this.#events.push({ type: "cart_changed", ...this.#voice.at(this.#now), sku: product.sku, category, quantity });
  }

  /** Tries to pay; true once it works. Buyers try again, others give up. */
  #pay(looking: boolean, amount: number, currency: string): boolean {
    const random = this.#random;
    const fails = looking ? LOOKER_PAYMENT_FAILS : BUYER_PAYMENT_FAILS;
    for (let attempt = 0; attempt < MOST_PAYMENTS; attempt++) {
      this.#wait(35_000);
      const outage = this.#hit("payment-outage");
      const declined = attempt === 0 && random.chance(fails);
      if (!outage && !declined) return !looking;
      const reason = outage ? "gateway_timeout" : random.pick(DECLINES);
      this.#events.push({
        type: "payment_failed",
        ...this.#voice.at(this.#now),
        order_id: null,
        amount,
        currency,
        reason,
      });
      if (looking) return false;
    }
    return false;
  }

  /** The shop writes down who bought: always for a new customer, now and then for an old one. */
  #updateCustomer(): void {
    const { customer, first } = this.#visit;
    if (customer === null || !(this.#random.chance(UPDATES_CUSTOMER) || first)) return;
    this.#now += 1000;
    this.#events.push({
      type: "customer_updated",
      ...this.#voice.at(this.#now),
      city: customer.place.city,
      customer_since: customer.since,
    });
  }

  #wait(mean: number): void {
    this.#now += 1500 + Math.floor(Math.min(this.#random.exponential(mean), 5 * mean));
  }

  #hit(kind: "checkout-broken" | "payment-outage"): boolean {
    return incidentAt(this.#incidents, kind, this.#now, this.#visit.channel.name) !== undefined;
  }

  #end(order: EventOf<"order_placed"> | null): Journey {
    return { events: this.#events, order, voice: this.#voice };
  }
}
