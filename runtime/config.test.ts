import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ConfigError, readConfig, settingRows, SETTINGS } from "./config.ts";

test("an empty environment gives safe defaults on loopback", () => {
  const config = readConfig({});
  expect(config.GATEWAY_HOST).toBe("127.0.0.1");
  expect(config.WORKER_HOST).toBe("127.0.0.1");
  expect(config.KAFKA_BROKERS).toBe("127.0.0.1:9092");
  expect(config.SOURCE).toBe("shop.events#1");
  expect(config.STORES.map(({ id }) => id)).toEqual(["shop", "online-retail"]);
});

test("all problems are reported at once", () => {
  const env = {
    GATEWAY_PORT: "99999",
    KAFKA_BROKERS: "localhost:9092,nonsense",
    KAFKA_TLS: "maybe",
    STORES: "Shop|x|Mars/Olympus|GB",
    CLICKHOUSE_URL: "nowhere",
  };
  let caught: unknown;
  try {
    readConfig(env);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(ConfigError);
  const { message } = caught as ConfigError;
  for (const name of Object.keys(env)) expect(message).toContain(name);
});

test("a store needs an id, a name, a real time zone and a currency", () => {
  const problem = (STORES: string): string => {
    try {
      readConfig({ STORES });
      return "";
    } catch (error) {
      return (error as ConfigError).problems.join();
    }
  };
  expect(problem("a|A|Europe/London|GBP")).toBe("");
  expect(problem("a|A|Mars/Olympus|GBP")).toContain("Mars/Olympus");
  expect(problem("a|A|Europe/London|pounds")).toContain("ISO 4217");
  expect(problem("a|A|UTC|GBP;a|B|UTC|GBP")).toContain("must differ");
  expect(problem("")).toContain("at least one");
});

test("origins are whole origins: no path, no star, no bare host", () => {
  expect(readConfig({ COLLECTOR_ORIGINS: "https://a.example, http://b:81" }).COLLECTOR_ORIGINS).toEqual([
    "https://a.example",
    "http://b:81",
  ]);
  expect(readConfig({}).COLLECTOR_ORIGINS).toEqual([]);
  for (const wrong of ["*", "a.example", "https://a.example/", "https://A.example"])
    expect(() => readConfig({ COLLECTOR_ORIGINS: wrong })).toThrow("is not an origin");
});

test("a PEM file is read with the settings, and what is wrong with it is one of their problems", () => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-config-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const cert = file("cert.pem", "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n");
  const key = file("key.pem", "-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n");
  const locked = file("locked.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMA==\n");
  const problems = (env: Record<string, string>): string => {
    try {
      readConfig(env);
      return "";
    } catch (error) {
      return (error as ConfigError).problems.join("\n");
    }
  };
  const all = { KAFKA_TLS: "true", KAFKA_CA_FILE: cert, KAFKA_CERT_FILE: cert, KAFKA_KEY_FILE: key };
  expect(readConfig(all)).toMatchObject({ KAFKA_CA_FILE: expect.stringContaining("BEGIN CERTIFICATE") as string });
  expect(problems({ ...all, KAFKA_CA_FILE: join(folder, "none") })).toMatch(/KAFKA_CA_FILE=.*there is no such file/);
  expect(problems({ ...all, KAFKA_CA_FILE: folder })).toContain("cannot be read (EISDIR)");
  expect(problems({ ...all, KAFKA_CA_FILE: key })).toContain("holds no certificate in PEM form");
  expect(problems({ ...all, KAFKA_KEY_FILE: "" })).toContain("a certificate and its key come together");
  expect(problems({ ...all, KAFKA_TLS: "false" })).toContain("of use only with KAFKA_TLS=true");
  expect(problems({ CLICKHOUSE_CA_FILE: cert })).toContain("CLICKHOUSE_URL begins with https:");
  expect(problems({ ...all, KAFKA_KEY_FILE: locked })).toContain("no private key without a passphrase");
});

test("settings that have to go together do, or it is said", () => {
  const problems = (env: Record<string, string>): readonly string[] => {
    try {
      readConfig(env);
      return [];
    } catch (error) {
      return (error as ConfigError).problems;
    }
  };
  expect(problems({ KAFKA_SASL: "plain" })).toEqual(["KAFKA_SASL=plain: KAFKA_USER names nobody"]);
  expect(problems({ KAFKA_SASL: "plain", KAFKA_USER: "tide" })).toEqual([]);
});

test("a schema registry's address holds no password, and the complaint does not repeat it", () => {
  const problem = (SCHEMA_REGISTRY_URL: string): string => {
    try {
      readConfig({ SCHEMA_REGISTRY_URL });
      return "";
    } catch (error) {
      return (error as ConfigError).message;
    }
  };
  expect(problem("")).toBe("");
  expect(problem("https://registry:8081/path")).toBe("");
  expect(problem("registry:8081")).toContain("http(s)://");
  expect(problem("http://me:hush@registry")).toContain("SCHEMA_REGISTRY_PASSWORD");
  expect(problem("http://me:hush@registry")).not.toContain("hush");
});

test("the source follows the topic unless it is named", () => {
  expect(readConfig({ EVENTS_TOPIC: "t" }).SOURCE).toBe("t#1");
  expect(readConfig({ EVENTS_TOPIC: "t", SOURCE: "archive" }).SOURCE).toBe("archive");
});

test("every setting has a description, and its default is valid", () => {
  expect(settingRows().map(({ name }) => name)).toEqual(Object.keys(SETTINGS));
  for (const { about } of settingRows()) expect(about.length).toBeGreaterThan(5);
});
