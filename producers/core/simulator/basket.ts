// What somebody puts into the cart, and what the order then comes to.
import type { Catalogue, Product } from "./catalogue.ts";
import type { Random } from "./random.ts";
import { UNIT } from "./shop.ts";
import type { Visit } from "./visits.ts";

export interface Item {
  readonly product: Product;
  readonly quantity: number;
  /** In the session's currency, ten-thousandths. */
  readonly price: number;
}

export interface Totals {
  readonly goods: number;
  readonly discount: number;
  readonly tax: number;
  readonly shipping: number;
}

/** Ten-thousandths in a penny: the shop's prices have no finer part. */
const PENNY = UNIT / 100;
/** What an average person means to spend, in currency units; it makes the average order about 68. */
const MEANS_TO_SPEND = 73;
const BASKET_SPREAD = 0.55;
const MOST_LINES = 8;
/** Prices in euro against those in the shop's currency. */
const EURO_PRICES = 1.18;
const FREE_SHIPPING_FROM = 50 * UNIT;
const SHIPPING = 3.95 * UNIT;

/** Those euro countries' sessions that are shown euro prices. */
const PAYS_IN_EURO = 0.3;

export function currencyOf(visit: Visit, random: Random, shopCurrency: string): string {
  const euro = random.chance(PAYS_IN_EURO) && visit.person.place.euro;
  return euro ? "EUR" : shopCurrency;
}

/** Products until the sum is about what the visitor means to spend; at least one. */
export function fillBasket(
  visit: Visit,
  random: Random,
  catalogue: Catalogue,
  currency: string,
  shopCurrency: string,
): Item[] {
  const means =
    MEANS_TO_SPEND *
    UNIT *
    visit.channel.basket *
    visit.person.place.basket *
    visit.person.spend *
    Math.exp(BASKET_SPREAD * random.normal() - BASKET_SPREAD ** 2 / 2);
  const rate = currency === shopCurrency ? 1 : EURO_PRICES;
  const items = new Map<string, Item>();
  let left = means;
  for (let tries = 0; tries < 24 && items.size < MOST_LINES; tries++) {
    const product = catalogue.pick(random);
    const fits = product.price <= left * 1.3 || (items.size === 0 && tries > 8);
    if (!fits || items.has(product.sku)) continue;
    const many = left > 6 * product.price ? 1 + random.below(4) : 1;
    items.set(product.sku, { product, quantity: many, price: Math.round((product.price * rate) / PENNY) * PENNY });
    left -= many * product.price;
    if (left < means * 0.15) break;
  }
  return [...items.values()];
}

export function totalsOf(items: readonly Item[], visit: Visit, hasCode: boolean): Totals {
  const goods = items.reduce((sum, item) => sum + item.price * item.quantity, 0);
  const discount = hasCode ? Math.floor(goods / 10 / PENNY) * PENNY : 0;
  return {
    goods,
    discount,
    tax: Math.round(((goods - discount) * visit.person.place.tax) / PENNY) * PENNY,
    shipping: goods >= FREE_SHIPPING_FROM ? 0 : SHIPPING,
  };
}
