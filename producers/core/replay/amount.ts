// Decimal text to an integer number of ten-thousandths, without a float in between.

export type Amount = { ok: true; value: number } | { ok: false; reason: "amount-unreadable" | "amount-too-fine" };

const PLACES = 4;
/** Sign, whole units with or without marks between the thousands, decimal places. */
const DECIMAL = {
  ".": /^([+-]?)(\d{1,11}|\d{1,3}(?:,\d{3}){1,3})(?:\.(\d*))?$/,
  ",": /^([+-]?)(\d{1,11}|\d{1,3}(?:\.\d{3}){1,3})(?:,(\d*))?$/,
} as const;

/** "2.55" → 25500. More than four places that are not zero: too fine, for rounding would change the total. */
export function parseAmount(text: string, decimalMark: keyof typeof DECIMAL): Amount {
  const match = DECIMAL[decimalMark].exec(text.trim());
  if (match === null) return { ok: false, reason: "amount-unreadable" };
  const [, sign, whole = "", places = ""] = match;
  if (/[1-9]/.test(places.slice(PLACES))) return { ok: false, reason: "amount-too-fine" };
  const units = Number(whole.replaceAll(/[.,]/g, ""));
  const value = units * 10 ** PLACES + Number(places.slice(0, PLACES).padEnd(PLACES, "0"));
  return { ok: true, value: sign === "-" && value !== 0 ? -value : value };
}

const INTEGER = /^[+-]?\d{1,9}(?:\.0*)?$/;

/** A count of units; null if it is not a whole number. */
export function parseQuantity(text: string): number | null {
  const plain = text.trim();
  return INTEGER.test(plain) ? Number(plain) : null;
}
