// Records that could not be used: how many by reason, and the newest.
import type { Query } from "./gateway-query.ts";

/** Columns: reason, letters. A record that was stored twice counts once. */
export const deadLettersByReason = (db: string): Query => ({
  sql:
    `SELECT reason, uniqExact(source, partition, offset) AS letters FROM ${db}.raw_events` +
    " WHERE verdict = 'dead-letter' AND generation = 0 GROUP BY reason ORDER BY letters DESC, reason",
  args: {},
});

/** Columns as DeadLetter of gateway/contract/status.ts names them. */
export const newestDeadLetters = (db: string, limit: number): Query => ({
  sql:
    "SELECT source, partition, offset, toUnixTimestamp64Milli(any(appended_at)) AS appendedAt, any(reason) AS reason," +
    ` any(type) AS type, any(detail) AS detail FROM ${db}.raw_events WHERE verdict = 'dead-letter' AND generation = 0` +
    " GROUP BY source, partition, offset ORDER BY appendedAt DESC, source, partition, offset DESC LIMIT {limit:UInt32}",
  args: { limit },
});
