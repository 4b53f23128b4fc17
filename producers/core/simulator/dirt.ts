// What real feeds get wrong: the same word written in many ways, and words left out.
import type { Random } from "./random.ts";

const DIRTY_CATEGORY = 0.04;
const DIRTY_COUNTRY = 0.03;
const NO_SEGMENT = 0.05;

const MESSES: readonly ((word: string) => string)[] = [
  (word) => word.toUpperCase(),
  (word) => word.toLowerCase(),
  (word) => ` ${word}`,
  (word) => `${word}  `,
  (word) => word.replaceAll(" ", "  ").toLowerCase(),
];

const COUNTRY_NAMES: Readonly<Record<string, readonly string[]>> = {
  GB: ["UK", "United Kingdom", "gb"],
  US: ["USA", "United States"],
  DE: ["Germany", "DEU"],
  FR: ["France"],
  IE: ["Ireland", "EIRE"],
};

export function categoryAsSent(random: Random, category: string): string {
  return random.chance(DIRTY_CATEGORY) ? random.pick(MESSES)(category) : category;
}

export function countryAsSent(random: Random, country: string): string {
  const names = COUNTRY_NAMES[country];
  return names !== undefined && random.chance(DIRTY_COUNTRY) ? random.pick(names) : country;
}

export function segmentAsSent(random: Random, segment: string): string | null {
  return random.chance(NO_SEGMENT) ? null : segment;
}
