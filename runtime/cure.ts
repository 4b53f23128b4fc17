// What an operator reads when a start fails: what is wrong most often, as one sentence with its cure, and the error itself.
import type { Config } from "./config.ts";

interface Cure {
  /** Matched against the error's message and code. */
  readonly sign: RegExp;
  readonly says: (config: Config) => string;
}

const UNTRUSTED = /unable to verify|self[- ]signed certificate|unable to get (local )?issuer/i;
const OTHER_HOST = /does not match certificate's altnames/i;
const EXPIRED = /certificate has expired|CERT_HAS_EXPIRED/i;
const HANGS_UP = /closed connection/i;
const AWAY = /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|timeout/i;
const OWN = "npm start or npm run stack brings one up; to use your own, set";

/** The first whose sign is seen. */
const KAFKA: readonly Cure[] = [
  {
    sign: /SASL .*authentication failed/i,
    says: ({ KAFKA_USER, KAFKA_SASL }) =>
      `Kafka refuses user ${KAFKA_USER} by ${KAFKA_SASL}: check KAFKA_USER, KAFKA_PASSWORD and KAFKA_SASL`,
  },
  {
    sign: /mechanism .*not enabled|unsupported SASL mechanism/i,
    says: ({ KAFKA_SASL }) => `Kafka does not know the mechanism ${KAFKA_SASL}: choose another with KAFKA_SASL`,
  },
  {
    sign: /not valid given the current SASL state/i,
    says: ({ KAFKA_BROKERS }) =>
      `The listener at ${KAFKA_BROKERS} asks for no user: set KAFKA_SASL=none, or name another port in KAFKA_BROKERS`,
  },
  {
    sign: UNTRUSTED,
    says: () => "Nobody whom we trust has signed Kafka's certificate: name the certificate of who has in KAFKA_CA_FILE",
  },
  {
    sign: OTHER_HOST,
    says: ({ KAFKA_BROKERS }) =>
      `Kafka's certificate is for another host: name the host in KAFKA_BROKERS (${KAFKA_BROKERS}) as the certificate does`,
  },
  { sign: EXPIRED, says: () => "Kafka's certificate has expired: renew it" },
  {
    sign: /alert (bad certificate|certificate required|unknown ca|handshake failure)|certificate required/i,
    says: ({ KAFKA_CERT_FILE }) =>
      KAFKA_CERT_FILE === ""
        ? "Kafka asks for a certificate of ours: name it and its key in KAFKA_CERT_FILE and KAFKA_KEY_FILE"
        : "Kafka does not accept our certificate: check KAFKA_CERT_FILE, and that the broker trusts who signed it",
  },
  {
    sign: /before secure TLS connection was established|wrong version number|packet length too long/i,
    says: ({ KAFKA_BROKERS }) =>
      `No TLS is spoken at ${KAFKA_BROKERS}: set KAFKA_TLS=false, or name another port in KAFKA_BROKERS`,
  },
  {
    sign: HANGS_UP,
    says: ({ KAFKA_BROKERS }) =>
      `The broker at ${KAFKA_BROKERS} hangs up: it may ask for TLS (KAFKA_TLS=true) or for a user (KAFKA_SASL, KAFKA_USER, KAFKA_PASSWORD)`,
  },
  { sign: AWAY, says: ({ KAFKA_BROKERS }) => `No Kafka broker answers at ${KAFKA_BROKERS}: ${OWN} KAFKA_BROKERS` },
];

const CLICKHOUSE: readonly Cure[] = [
  { sign: /in readonly mode/i, says: () => "This only reads: --write lets a statement change something" },
  {
    sign: /authentication failed|AUTHENTICATION_FAILED|REQUIRED_PASSWORD/i,
    says: ({ CLICKHOUSE_USER }) =>
      `ClickHouse refuses user ${CLICKHOUSE_USER}: check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD`,
  },
  {
    sign: UNTRUSTED,
    says: () =>
      "Nobody whom we trust has signed ClickHouse's certificate: name the certificate of who has in CLICKHOUSE_CA_FILE",
  },
  {
    sign: OTHER_HOST,
    says: ({ CLICKHOUSE_URL }) =>
      `ClickHouse's certificate is for another host: name the host in CLICKHOUSE_URL (${CLICKHOUSE_URL}) as the certificate does`,
  },
  { sign: EXPIRED, says: () => "ClickHouse's certificate has expired: renew it" },
  {
    sign: /wrong version number|packet length too long|socket hang up/i,
    says: ({ CLICKHOUSE_URL }) =>
      `What is at ${CLICKHOUSE_URL} hangs up: check its port, and whether CLICKHOUSE_URL begins with http: or https:`,
  },
  {
    sign: AWAY,
    says: ({ CLICKHOUSE_URL }) => `ClickHouse does not answer at ${CLICKHOUSE_URL}: ${OWN} CLICKHOUSE_URL`,
  },
];

const textOf = (error: Error): string => {
  const { code = "", type = "" } = error as { code?: string; type?: string };
  return `${error.message} ${code} ${type}`;
};

/** Nobody answers there, or hangs up as a broker does that is about to end: it may be different in a moment. */
export const isAway = (error: unknown): boolean =>
  error instanceof Error && (AWAY.test(textOf(error)) || HANGS_UP.test(error.message));

/** The error's message; for what is wrong most often, what to do about it before that. */
export function withCure(error: unknown, config: Config): string {
  if (!(error instanceof Error)) return String(error);
  const seen = textOf(error);
  const cure = (/kafka/i.test(error.name) ? KAFKA : CLICKHOUSE).find(({ sign }) => sign.test(seen));
  return cure ? `${cure.says(config)}. (${error.message.trim()})` : error.message;
}
