// What the shop sells: some 200 products in eight categories, made from word lists and the seed.
import { Random } from "./random.ts";
import { UNIT } from "./shop.ts";
import { weighted } from "./weighted.ts";

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly category: string;
  /** In the shop's currency, ten-thousandths. */
  readonly price: number;
  /** How often it is looked at, against the others of its category. */
  readonly popularity: number;
}

interface Category {
  readonly name: string;
  readonly prefix: string;
  /** Share of views and purchases. */
  readonly share: number;
  /** Median price, in currency units. */
  readonly price: number;
  readonly things: readonly string[];
}

/** Electronics and Home & Garden bring 65 % of sales. */
const CATEGORIES: readonly Category[] = [
  {
    name: "Electronics",
    prefix: "EL",
    share: 0.275,
    price: 42,
    things: ["Headphones", "Speaker", "Charger", "Keyboard", "Webcam", "Lamp", "Power Bank", "Mouse"],
  },
  {
    name: "Home & Garden",
    prefix: "HG",
    share: 0.345,
    price: 26,
    things: ["Planter", "Throw", "Lantern", "Cushion", "Storage Box", "Vase", "Doormat", "Watering Can"],
  },
  {
    name: "Fashion",
    prefix: "FA",
    share: 0.13,
    price: 27,
    things: ["Scarf", "Tote Bag", "Socks", "Belt", "Hat", "Jumper"],
  },
  {
    name: "Beauty",
    prefix: "BE",
    share: 0.08,
    price: 15,
    things: ["Hand Cream", "Soap Set", "Candle", "Face Oil", "Bath Salts"],
  },
  {
    name: "Toys & Games",
    prefix: "TG",
    share: 0.06,
    price: 18,
    things: ["Puzzle", "Board Game", "Building Set", "Soft Toy", "Card Game"],
  },
  {
    name: "Sports & Outdoors",
    prefix: "SP",
    share: 0.06,
    price: 24,
    things: ["Yoga Mat", "Bottle", "Head Torch", "Backpack", "Resistance Bands"],
  },
  {
    name: "Books",
    prefix: "BO",
    share: 0.03,
    price: 13,
    things: ["Cookbook", "Atlas", "Novel", "Notebook", "Guide"],
  },
  {
    name: "Food & Drink",
    prefix: "FD",
    share: 0.02,
    price: 11,
    things: ["Coffee Beans", "Tea Tin", "Hot Sauce", "Chocolate Box", "Olive Oil"],
  },
];

const STYLES = ["Classic", "Compact", "Everyday", "Nordic", "Vintage", "Studio", "Travel", "Soft"] as const;
const FINISHES = ["Black", "White", "Sage", "Oak", "Slate", "Copper", "Navy", "Sand"] as const;
const PER_CATEGORY = 25;

export class Catalogue {
  readonly products: readonly Product[];
  readonly #pickCategory: (random: Random) => readonly Product[];
  readonly #pickIn = new Map<readonly Product[], (random: Random) => Product>();

  constructor(seed: number) {
    const shelves = CATEGORIES.map((category, index) => ({ category, products: stock(seed, category, index) }));
    this.products = shelves.flatMap(({ products }) => products);
    for (const { products } of shelves)
      this.#pickIn.set(
        products,
        weighted(products, (product) => product.popularity),
      );
    const pickShelf = weighted(shelves, ({ category }) => category.share);
    this.#pickCategory = (random) => pickShelf(random).products;
  }

  /** A product that somebody looks at. */
  pick(random: Random): Product {
    const shelf = this.#pickCategory(random);
    return this.#pickIn.get(shelf)!(random);
  }
}

function stock(seed: number, category: Category, index: number): Product[] {
  const random = new Random(seed, "catalogue", index);
  return Array.from({ length: PER_CATEGORY }, (_, i) => ({
    sku: `${category.prefix}-${String(1001 + i)}`,
    name: `${STYLES[random.below(STYLES.length)]} ${category.things[i % category.things.length]} ${random.pick(FINISHES)}`,
    category: category.name,
    price: Math.max(3, Math.round(category.price * Math.exp(0.55 * random.normal()))) * UNIT - UNIT / 100,
    popularity: 1 / (i + 3) ** 0.8,
  }));
}
