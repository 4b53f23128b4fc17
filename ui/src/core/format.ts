// Numbers and times as people read them (pure; money comes in ten-thousandths, times in ms since 1970 UTC).

const NARROW = "\u202f"; // narrow no-break space: before %, pp, s and min
const MINUS = "\u2212";

const memo = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();
function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  const known = memo.get(key) ?? new Intl.NumberFormat("en-GB", options);
  memo.set(key, known);
  return known as Intl.NumberFormat;
}
function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  const known = memo.get(key) ?? new Intl.DateTimeFormat("en-GB", options);
  memo.set(key, known);
  return known as Intl.DateTimeFormat;
}

const signed = (value: number, text: string): string => (value < 0 ? MINUS + text : text);

/** £41,386, and £84.50 for order values and below £100; the sign stands before the currency. */
export function money(tenThousandths: number, currency: string, pence = false): string {
  const value = tenThousandths / 10_000;
  const digits = pence || (value !== 0 && Math.abs(value) < 100) ? 2 : 0;
  const options = {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  } as const;
  const text = numbers(options).format(Math.abs(value));
  return signed(value, text);
}

/** All digits that are there: pence, and more where prices are finer. */
export function exactMoney(tenThousandths: number, currency: string): string {
  const value = tenThousandths / 10_000;
  const options = { style: "currency", currency, minimumFractionDigits: 2, maximumFractionDigits: 4 } as const;
  return signed(value, numbers(options).format(Math.abs(value)));
}

/** For axes and totals: £40k, £31.79m. */
export function shortMoney(tenThousandths: number, currency: string): string {
  const value = tenThousandths / 10_000;
  const options = {
    style: "currency",
    currency,
    notation: "compact",
    minimumFractionDigits: 0,
    maximumFractionDigits: 2,
  } as const;
  return signed(value, numbers(options).format(Math.abs(value)).toLowerCase());
}

/** 1,234 or, with digits, 1.4 */
export function count(value: number, digits = 0): string {
  const text = numbers({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(Math.abs(value));
  return signed(value, text);
}

/** A share of 1 without its unit: 0.0248 becomes 2.48. */
export const rate = (share: number, digits = 2): string => (share * 100).toFixed(digits);

/** 0.172 becomes "17 %", 0.0821 "8.2 %"; without a sign: the triangle says the direction. */
export function relative(change: number): string {
  const percent = Math.abs(change) * 100;
  if (percent >= 1000) return `>999${NARROW}%`;
  return `${percent.toFixed(percent < 10 ? 1 : 0)}${NARROW}%`;
}

/** A difference of rates: 0.0006 becomes "0.06 pp". */
export const points = (change: number, digits = 2): string => `${(Math.abs(change) * 100).toFixed(digits)}${NARROW}pp`;

/** 1 s, 48 s, 1:52, then 14 min, 3 h, 2 d. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}${NARROW}s`;
  if (seconds < 600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}${NARROW}min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}${NARROW}h`;
  return `${Math.floor(seconds / 86_400)}${NARROW}d`;
}

/** 14:05 in the store's zone. */
export const clock = (time: number, timeZone: string): string =>
  dates({ timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(time);

/** Tue 17 Nov */
export const date = (time: number, timeZone: string): string =>
  dates({ timeZone, weekday: "short", day: "numeric", month: "short" }).format(time).replace(",", "");

/** Tue */
export const weekday = (time: number, timeZone: string): string => dates({ timeZone, weekday: "short" }).format(time);

export const PERCENT = `${NARROW}%`;
