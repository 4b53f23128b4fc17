// One way to reach ClickHouse for every process: address, TLS, credentials, and the settings that our exactness needs.
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from "@clickhouse/client";

export type { ClickHouseClient };

export interface ClickHouseAddress {
  readonly CLICKHOUSE_URL: string;
  readonly CLICKHOUSE_USER: string;
  readonly CLICKHOUSE_PASSWORD: string;
  /** Who signed its certificate, in PEM form; empty: somebody whom Node trusts. */
  readonly CLICKHOUSE_CA_FILE?: string;
}

/** A client with no default database: our queries name theirs in full. `patienceMs`: how long a request may take. */
export function createClickHouse(
  address: ClickHouseAddress,
  application: string,
  patienceMs = 30_000,
): ClickHouseClient {
  const ca = address.CLICKHOUSE_CA_FILE ?? "";
  return createClient({
    url: address.CLICKHOUSE_URL,
    ...(ca === "" ? {} : { tls: { ca_cert: Buffer.from(ca) } }),
    username: address.CLICKHOUSE_USER,
    password: address.CLICKHOUSE_PASSWORD,
    application,
    log: { level: ClickHouseLogLevel.OFF }, // an error is thrown; who catches it logs it, once
    request_timeout: patienceMs,
    max_open_connections: 8,
    keep_alive: { enabled: true, idle_socket_ttl: 2000 },
    clickhouse_settings: {
      async_insert: 0, // an acknowledged insert is stored
      wait_end_of_query: 1, // an error late in a query is an error, not a cut body
      do_not_merge_across_partitions_select_final: 1,
      optimize_move_to_prewhere_if_final: 1, // conditions on key columns first, then the other columns of what is left
      output_format_json_quote_64bit_integers: 0,
    },
  });
}

/** The two databases, checked by the configuration to be plain identifiers. */
export interface Databases {
  readonly db: string;
  readonly analytics: string;
}
