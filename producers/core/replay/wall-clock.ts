// Times as exports write them, to ms since 1970 UTC.
//
// A time without a zone is the wall clock of the shop's zone. Where clocks are set back, it happened twice: the first is taken.
// Where they are set forward, it never happened: it is moved on by what was skipped (Temporal's "compatible", as RFC 5545).
import { Temporal } from "temporal-polyfill";

const FORMATS = {
  /** 2010-12-01 08:26[:00[.000]], with T or a space; an offset or Z, if there is one, is believed. */
  iso: /^(?<y>\d{4})-(?<m>\d{2})-(?<d>\d{2})(?:[T ](?<H>\d{2}):(?<M>\d{2})(?::(?<S>\d{2})(?:\.(?<f>\d{1,3})\d*)?)?)?(?<z>Z|[+-]\d{2}:?\d{2})?$/,
  /** 1/12/2010 08:26 */
  "day-first": /^(?<d>\d{1,2})[/.-](?<m>\d{1,2})[/.-](?<y>\d{4})(?: (?<H>\d{1,2}):(?<M>\d{2})(?::(?<S>\d{2}))?)?$/,
  /** 12/1/2010 08:26 */
  "month-first": /^(?<m>\d{1,2})[/.-](?<d>\d{1,2})[/.-](?<y>\d{4})(?: (?<H>\d{1,2}):(?<M>\d{2})(?::(?<S>\d{2}))?)?$/,
} as const;

export type TimeFormat = keyof typeof FORMATS;
export const TIME_FORMATS = Object.keys(FORMATS) as [TimeFormat, ...TimeFormat[]];

/** Returns a reader of times in this format and zone; it gives null for what is not a time. Consecutive repeats are cheap. */
export function wallClock(format: TimeFormat, timeZone: string): (text: string) => number | null {
  let lastText: string | null = null;
  let lastTime: number | null = null;
  return (text) => {
    if (text !== lastText) {
      lastText = text;
      lastTime = read(text.trim(), format, timeZone);
    }
    return lastTime;
  };
}

function read(text: string, format: TimeFormat, timeZone: string): number | null {
  const parts = FORMATS[format].exec(text)?.groups;
  if (parts === undefined) return null;
  const number = (name: string): number => Number(parts[name] ?? 0);
  try {
    const local = Temporal.PlainDateTime.from(
      {
        year: number("y"),
        month: number("m"),
        day: number("d"),
        hour: number("H"),
        minute: number("M"),
        second: number("S"),
        millisecond: Number((parts["f"] ?? "0").padEnd(3, "0")),
      },
      { overflow: "reject" },
    );
    const zone = parts["z"] === undefined ? timeZone : parts["z"] === "Z" ? "UTC" : withColon(parts["z"]);
    return local.toZonedDateTime(zone, { disambiguation: "compatible" }).epochMilliseconds;
  } catch (error) {
    if (error instanceof RangeError) return null; // 31 February, 25:00
    throw error;
  }
}

const withColon = (offset: string): string =>
  offset.includes(":") ? offset : `${offset.slice(0, 3)}:${offset.slice(3)}`;
