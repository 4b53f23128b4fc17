// What counts twice, as lines of the status page (pure): 0 is good news and quiet, more is a warning that says what to do.
import { DOUBLES_DAYS, type Doubles } from "../../../gateway/contract/status.ts";
import { count } from "../core/format.ts";

export interface Line {
  readonly what: string;
  readonly value: string;
  readonly doubt: boolean;
}

/** The lines, and what to do about them; null: nothing. */
export function linesOf(doubles: Doubles | null): { lines: readonly Line[]; advice: string | null } {
  const orderIds = doubles && Object.values(doubles.orderIds).reduce((sum, ids) => sum + ids, 0);
  const sessions = doubles && doubles.sessions;
  const advice = [
    orderIds ? `Orders of ${within(DOUBLES_DAYS.orderIds)} count twice: npm run reconcile lists and mends them.` : "",
    sessions
      ? `Sessions of ${within(DOUBLES_DAYS.sessions)} count twice: npm run reconcile names them and the cause.`
      : "",
  ];
  return {
    lines: [line("Order ids under two sessions", orderIds), line("Sessions in two partitions", sessions)],
    advice: advice.join(" ").trim() || null,
  };
}

const within = (days: number): string => (days === 1 ? "the last day" : `the last ${days} days`);

function line(what: string, number: number | null): Line {
  if (number === null) return { what, value: "–", doubt: false };
  return { what, value: number === 0 ? "0" : `▲ ${count(number)}`, doubt: number > 0 };
}
