// Errors as kafkajs and ClickHouse's client have thrown them, and what an operator is told.
import { expect, test } from "vitest";
import { readConfig, type Config } from "./config.ts";
import { isAway, withCure } from "./cure.ts";

const config = readConfig({
  KAFKA_BROKERS: "kafka:9093",
  KAFKA_SASL: "plain",
  KAFKA_USER: "tide",
  CLICKHOUSE_URL: "https://clickhouse:8443",
  CLICKHOUSE_USER: "moon",
});

const failed = (name: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { name, ...more });
const kafka = (message: string): Error => failed("KafkaJSNumberOfRetriesExceeded", message);
const clickhouse = (message: string, more: object = {}): Error => failed("Error", message, more);

test.each<[Error, string]>([
  [
    failed("KafkaJSSASLAuthenticationError", "SASL PLAIN authentication failed: Authentication failed: Invalid"),
    "Kafka refuses user tide by plain: check KAFKA_USER",
  ],
  [failed("KafkaJSProtocolError", "Request is not valid given the current SASL state"), "KAFKA_SASL=none"],
  [kafka("Connection error: unable to verify the first certificate"), "KAFKA_CA_FILE"],
  [kafka("Connection error: self-signed certificate in certificate chain"), "KAFKA_CA_FILE"],
  [
    kafka("Connection error: Hostname/IP does not match certificate's altnames: Host: localhost."),
    "name the host in KAFKA_BROKERS (kafka:9093)",
  ],
  [kafka("Connection error: 80FC:error:0A000412:SSL routines:x:sslv3 alert bad certificate:x\n"), "KAFKA_CERT_FILE"],
  [
    kafka("Connection error: Client network socket disconnected before secure TLS connection was established"),
    "No TLS is spoken at kafka:9093",
  ],
  [failed("KafkaJSConnectionClosedError", "Closed connection"), "KAFKA_TLS=true"],
  [kafka("Connection error: connect ECONNREFUSED 127.0.0.1:9092"), "No Kafka broker answers at kafka:9093"],
  [
    clickhouse("default: Authentication failed: password is incorrect", { code: "516", type: "AUTHENTICATION_FAILED" }),
    "ClickHouse refuses user moon: check CLICKHOUSE_USER",
  ],
  [clickhouse("unable to verify the first certificate"), "CLICKHOUSE_CA_FILE"],
  [clickhouse("certificate has expired", { code: "CERT_HAS_EXPIRED" }), "ClickHouse's certificate has expired"],
  [clickhouse("socket hang up", { code: "ECONNRESET" }), "http: or https:"],
  [clickhouse("connect ECONNREFUSED 127.0.0.1:8123"), "ClickHouse does not answer at https://clickhouse:8443"],
])("%s: says the cure", (error, cure) => {
  expect(withCure(error, config)).toContain(cure);
  expect(withCure(error, config)).toContain(error.message.trim());
});

test("whether Kafka wants a certificate or does not like ours is told apart", () => {
  const error = kafka("Connection error: tlsv13 alert certificate required");
  expect(withCure(error, config)).toContain("asks for a certificate of ours");
  const named: Config = { ...config, KAFKA_CERT_FILE: "-----BEGIN CERTIFICATE-----" };
  expect(withCure(error, named)).toContain("does not accept our certificate");
});

test("an error with no known cure is its own message", () => {
  expect(withCure(new Error("the tide is out"), config)).toBe("the tide is out");
  expect(withCure("so be it", config)).toBe("so be it");
});

test("a broker that hangs up may be there in a moment, like one that is not there; a wrong password stays wrong", () => {
  expect(isAway(failed("KafkaJSConnectionClosedError", "Closed connection"))).toBe(true);
  expect(isAway(kafka("Connection error: connect ECONNREFUSED 127.0.0.1:9092"))).toBe(true);
  expect(isAway(failed("KafkaJSSASLAuthenticationError", "SASL PLAIN authentication failed"))).toBe(false);
});
