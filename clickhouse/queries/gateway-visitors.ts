// Visitors per minute as they were: distinct sessions with an event in the 5 minutes up to and with that minute.
import type { Query } from "./gateway-query.ts";

const MINUTES = 5;

/** `from` and `to`: s since 1970, whole minutes. Columns: store, minute (minutes since 1970), sessions. */
export const visitorsPerMinute = (db: string, from: number, to: number): Query => ({
  sql:
    `SELECT store, intDiv(toUnixTimestamp(occurred_at), 60) + arrayJoin(range(${MINUTES})) AS minute,` +
    " uniqExact(session_id, session_started_at) AS sessions" +
    ` FROM ${db}.raw_events WHERE generation = 0 AND verdict IN ('counted', 'duplicate') AND session_id != ''` +
    ` AND occurred_at >= toDateTime64({from:UInt32}, 3, 'UTC') - INTERVAL ${MINUTES} MINUTE AND occurred_at < toDateTime64({to:UInt32}, 3, 'UTC')` +
    " GROUP BY store, minute HAVING minute >= intDiv({from:UInt32}, 60) AND minute < intDiv({to:UInt32}, 60) ORDER BY store, minute",
  args: { from, to },
});
