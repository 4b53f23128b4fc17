// Where people are: countries and regions, what they pay in, and the tax on it.
import type { Random } from "./random.ts";
import { weighted } from "./weighted.ts";

export interface Place {
  readonly country: string;
  readonly region: string | null;
  readonly city: string;
  readonly share: number;
  /** Basket size against the average. */
  readonly basket: number;
  /** Tax on the goods, as a share of them. */
  readonly tax: number;
  readonly euro: boolean;
}

/** Orders from here are 35 % larger. */
export const WEST_COAST: ReadonlySet<string> = new Set(["US-CA", "US-OR", "US-WA"]);
const EURO: ReadonlySet<string> = new Set(["IE", "DE", "FR", "NL", "ES"]);

const place = (country: string, region: string | null, city: string, share: number, tax: number): Place => ({
  country,
  region,
  city,
  share,
  basket: WEST_COAST.has(region ?? "") ? 1.35 : 1,
  tax,
  euro: EURO.has(country),
});

const PLACES: readonly Place[] = [
  place("GB", "GB-ENG", "London", 0.25, 0.2),
  place("GB", "GB-ENG", "Manchester", 0.17, 0.2),
  place("GB", "GB-ENG", "Bristol", 0.16, 0.2),
  place("GB", "GB-SCT", "Glasgow", 0.08, 0.2),
  place("GB", "GB-WLS", "Cardiff", 0.05, 0.2),
  place("GB", "GB-NIR", "Belfast", 0.03, 0.2),
  place("US", "US-CA", "Los Angeles", 0.038, 0.0725),
  place("US", "US-WA", "Seattle", 0.015, 0.065),
  place("US", "US-OR", "Portland", 0.009, 0),
  place("US", "US-NY", "New York", 0.025, 0.04),
  place("US", "US-TX", "Austin", 0.022, 0.0625),
  place("US", "US-FL", "Miami", 0.016, 0.06),
  place("DE", "DE-BE", "Berlin", 0.035, 0.19),
  place("FR", "FR-IDF", "Paris", 0.03, 0.2),
  place("IE", "IE-D", "Dublin", 0.035, 0.23),
  place("NL", "NL-NH", "Amsterdam", 0.015, 0.21),
  place("ES", "ES-MD", "Madrid", 0.012, 0.21),
  place("AU", "AU-NSW", "Sydney", 0.008, 0.1),
];

export const pickPlace: (random: Random) => Place = weighted(PLACES, (place) => place.share);
