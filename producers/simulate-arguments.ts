// The arguments of the simulator's commands, read and checked.
import { Option } from "commander";
import { positive } from "../runtime/arguments.ts";
import { DEFAULT_SESSIONS_PER_DAY } from "./core/simulator/shop.ts";

export const DEFAULT_STATE = ".tidemark/data/simulator.json";

export const iso = (ms: number): string => new Date(ms).toISOString();

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
