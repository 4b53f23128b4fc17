// A question of the gateway: SQL with named parameters, and their values. `db` is checked by the configuration.
import { MEASURES } from "../../stream/contract/measures.ts";

export interface Query {
  readonly sql: string;
  readonly args: Readonly<Record<string, string | number | readonly string[]>>;
}

/** Rows of a day's active generation; days without an entry show generation 0. */
export const activePanes = (db: string): string =>
  `${db}.panes AS p FINAL LEFT JOIN ${db}.active_generation AS g ON g.source = p.source AND g.day = toDate(p.start)`;

/** Each measure summed, in the order of MEASURES. */
export const summedMeasures = MEASURES.map((name) => `sum(p.${name})`).join(", ");
