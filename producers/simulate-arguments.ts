// The arguments of the simulator's commands, read and checked.
import { InvalidArgumentError, Option } from "commander";
import { DEFAULT_SESSIONS_PER_DAY } from "./core/simulator/shop.ts";

export const DEFAULT_STATE = ".tidemark/data/simulator.json";

export const iso = (ms: number): string => new Date(ms).toISOString();

export function time(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError("Write it as 2026-03-01 or 2026-03-01T12:00:00Z.");
  return ms;
}

export function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0 && Number.isFinite(number))) throw new InvalidArgumentError("Must be a number above 0.");
  return number;
}

export function notNegative(text: string): number {
  return text === "0" ? 0 : positive(text);
}

export function whole(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new InvalidArgumentError("Must be a whole number.");
  return number;
}

/** Up to 100 it is a factor, above that sessions a day. */
export function rate(text: string): number {
  const number = positive(text);
  return number <= 100 ? number * DEFAULT_SESSIONS_PER_DAY : number;
}

export const stateOption = (): Option =>
  new Option(
    "--state <file>",
    `where to remember how far it has come; incidents are kept beside it (default: ${DEFAULT_STATE})`,
  );
