// How the words of an event become dimension values (docs/analytics.md, "Cleaning"). Each cleaner is a pure function of the word.
import countries from "i18n-iso-countries";
import english from "i18n-iso-countries/langs/en.json" with { type: "json" };
import { isbot } from "isbot";
import { LONGEST_WORD } from "../../producers/contract/usable.ts";

countries.registerLocale(english);

export const UNKNOWN = "Unknown";
export const UNSPECIFIED = "Unspecified";

/** Names that shops use and the ISO list does not. */
const COUNTRY_ALIASES: Readonly<Record<string, string>> = {
  UK: "GB",
  EIRE: "IE",
  RSA: "ZA",
  "CHANNEL ISLANDS": UNSPECIFIED, // Jersey and Guernsey are two countries of ISO 3166
};

const fold = (word: string): string => word.trim().replace(/\s+/g, " ");

/** Remembers answers for the words seen most; forgets all when there are too many, so that rubbish cannot fill memory. */
function memo<T>(answer: (word: string) => T, most = 20_000): (word: string) => T {
  const known = new Map<string, T>();
  return (word) => {
    const before = known.get(word);
    if (before !== undefined) return before;
    if (known.size >= most) known.clear();
    const made = answer(word);
    known.set(word, made);
    return made;
  };
}

/** Trimmed, inner spaces folded, title case; missing: Unknown. */
const category = memo((word: string): string => {
  const words = fold(word).toLowerCase();
  return words === ""
    ? UNKNOWN
    : words.replace(/(^|[\s\-/(])(\p{L})/gu, (_, gap: string, letter: string) => gap + letter.toUpperCase());
});

/** ISO 3166 alpha-2 where it can be mapped, else Unspecified. */
const country = memo((word: string): string => {
  const name = fold(word);
  const upper = name.toUpperCase();
  if (upper in COUNTRY_ALIASES) return COUNTRY_ALIASES[upper]!;
  if (upper.length === 2 && countries.isValid(upper)) return upper;
  if (upper.length === 3 && countries.isValid(upper)) return countries.alpha3ToAlpha2(upper) ?? UNSPECIFIED;
  return countries.getSimpleAlpha2Code(name, "en") ?? UNSPECIFIED;
});

/** Trimmed and lower case; missing: unknown. */
const term = memo((word: string): string => fold(word).toLowerCase() || "unknown");

/** Trimmed; missing: Unknown. */
const segment = memo((word: string): string => fold(word) || UNKNOWN);

const bot = memo((userAgent: string): boolean => isbot(userAgent));

export const clean = {
  category: (word: string | null): string => category(word ?? ""),
  country,
  channel: term,
  device: term,
  segment: (word: string | null): string => segment(word ?? ""),
  /** Automatic traffic, by its user agent; no user agent: a person. */
  bot: (userAgent: string | null): boolean => userAgent !== null && bot(userAgent.slice(0, LONGEST_WORD)),
} as const;
