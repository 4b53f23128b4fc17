// The panes of the last hours, row by row: the gateway merges them itself, by the highest `upto`, so no FINAL is needed.
import { MEASURES } from "../../stream/contract/measures.ts";
import type { Query } from "./gateway-query.ts";

/** `from`: s since 1970. Columns: store, dimension, value, start (s), source, partition, generation, upto, measures, sketch. */
export const recentPanes = (db: string, dimensions: readonly string[], from: number): Query => ({
  sql:
    `SELECT store, dimension, value, toUnixTimestamp(start), source, partition, generation, upto, [${MEASURES.map((name) => `toInt64(${name})`).join(", ")}],` +
    ` sketch_index, sketch_count FROM ${db}.panes` +
    " WHERE width = 60 AND dimension IN {dimensions:Array(String)} AND start >= toDateTime({from:UInt32}, 'UTC')",
  args: { dimensions, from },
});
