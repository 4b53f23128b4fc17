// When each store's data begin.
import type { Query } from "./gateway-query.ts";

/** Columns: store, first (s since 1970). */
export const firstPanes = (db: string): Query => ({
  sql: `SELECT store, toUnixTimestamp(min(start)) AS first FROM ${db}.panes WHERE width = 60 AND dimension = 'total' GROUP BY store`,
  args: {},
});
