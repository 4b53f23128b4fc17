// Arguments of commands, read and checked: for the parser of an option. A bad one becomes commander's error with what is wanted.
import { InvalidArgumentError } from "commander";

/** An instant (ms) of an ISO 8601 date or time. */
export function instant(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError("Write it as 2026-03-01 or 2026-03-01T12:00:00Z.");
  return ms;
}

export function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0 && Number.isFinite(number))) throw new InvalidArgumentError("Must be a number above 0.");
  return number;
}

export const notNegative = (text: string): number => (text === "0" ? 0 : positive(text));

/** Thousands may be set apart, as in 2_000_000. */
export function whole(text: string): number {
  const number = Number(text.replaceAll("_", ""));
  if (text === "" || !Number.isSafeInteger(number)) throw new InvalidArgumentError("Must be a whole number.");
  return number;
}

/** A whole number from `least` on. */
export const wholeFrom =
  (least: number) =>
  (text: string): number => {
    const number = whole(text);
    if (number < least) throw new InvalidArgumentError(`Must be a whole number from ${least} on.`);
    return number;
  };
