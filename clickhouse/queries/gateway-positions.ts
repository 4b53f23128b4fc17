// Where every fold stands, as stored.
import type { Query } from "./gateway-query.ts";

/** Columns as named in StoredPosition of gateway/core/status.ts; counters as JSON text, times in ms. */
export const positions = (db: string): Query => ({
  sql:
    "SELECT source, partition, generation, partitions, first_offset AS firstOffset, gaps, upto AS position, watermark," +
    " panes_offset AS panesOffset, toUnixTimestamp64Milli(stored_at) AS storedAt, counters, late" +
    ` FROM ${db}.positions FINAL ORDER BY source, partition, generation`,
  args: {},
});
