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
    orderIds ? "Each of these orders counts more than once: npm run reconcile lists them, and mends them." : "",
    sessions ? "A producer does not partition by session id: npm run reconcile names its sessions." : "",
  ];
  return {
    lines: [
      line("Order ids under two sessions", DOUBLES_DAYS.orderIds, orderIds),
      line("Sessions in two partitions", DOUBLES_DAYS.sessions, sessions),
    ],
    advice: advice.join(" ").trim() || null,
  };
}

function line(what: string, days: number, number: number | null): Line {
  const named = `${what}, ${days} d`;
  if (number === null) return { what: named, value: "–", doubt: false };
  return { what: named, value: number === 0 ? "0" : `▲ ${count(number)}`, doubt: number > 0 };
}
