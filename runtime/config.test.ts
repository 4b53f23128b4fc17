import { expect, test } from "vitest";
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
