// docker-compose.yml cannot be run on every machine, but it can be held against the code: every variable is a setting, every
// port and every command agrees.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { readConfig, SETTINGS } from "../runtime/config.ts";
import { IMAGES } from "./support/stack.ts";

interface Service {
  image?: string;
  build?: string;
  command?: string[];
  environment?: Record<string, string | number>;
  ports?: string[];
  volumes?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
}

const ROOT = resolve(import.meta.dirname, "..");
const compose = parse(readFileSync(join(ROOT, "docker-compose.yml"), "utf8"), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const all = Object.entries(compose.services);
const ours = all.filter(([, { build }]) => build !== undefined);
const dockerfile = readFileSync(join(ROOT, "Dockerfile"), "utf8");

/** What a shell variable with a default becomes when nothing is set. */
const filled = (value: string | number): string => String(value).replace(/\$\{\w+:-([^}]*)\}/g, "$1");

test("there is a broker, an engine, a worker, a gateway, a collector and a shop", () => {
  expect(Object.keys(compose.services)).toEqual(["kafka", "clickhouse", "stream", "gateway", "collector", "simulator"]);
});

test.each(ours)("%s sets only settings that exist, to values that are valid", (_, { environment = {} }) => {
  for (const name of Object.keys(environment)) expect(Object.keys(SETTINGS)).toContain(name);
  const env = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, filled(value)]));
  expect(() => readConfig(env)).not.toThrow();
});

test.each(ours)(
  "%s finds the broker and the engine by their names and ports in the network",
  (_, { environment = {} }) => {
    const [host, port] = String(environment["KAFKA_BROKERS"]).split(":");
    expect(compose.services[host!]?.environment?.["KAFKA_LISTENERS"]).toContain(`:${port}`);
    expect(compose.services[host!]?.environment?.["KAFKA_ADVERTISED_LISTENERS"]).toContain(`${host}:${port}`);
    const url = new URL(String(environment["CLICKHOUSE_URL"]));
    expect(compose.services[url.hostname]?.ports).toContain(`127.0.0.1:${url.port}:${url.port}`);
    const password = (env: Service["environment"] = {}): string => filled(env["CLICKHOUSE_PASSWORD"]!);
    expect(password(environment)).toBe(password(compose.services[url.hostname]!.environment));
  },
);

test.each(ours)("%s runs a file that exists", (_, { command = [] }) => {
  const file = command.find((word) => word.endsWith(".ts"));
  expect(existsSync(join(ROOT, file ?? "nothing")), file).toBe(true);
});

test.each([
  ["gateway", "GATEWAY_PORT"],
  ["collector", "COLLECTOR_PORT"],
] as const)("the %s's published port is the one it listens on, and its health is asked there", (service, setting) => {
  const { environment, ports, healthcheck } = compose.services[service]!;
  const port = String(environment![setting]);
  expect(port).toBe(SETTINGS[setting].fallback);
  expect(ports).toEqual([`127.0.0.1:${port}:${port}`]);
  expect(healthcheck!.test.join(" ")).toContain(`127.0.0.1:${port}/healthz`);
});

test("the worker's health is asked where it listens", () => {
  const worker = compose.services["stream"]!;
  expect(worker.healthcheck!.test.join(" ")).toContain(`127.0.0.1:${worker.environment!["WORKER_PORT"]}/healthz`);
});

test.each(all)("%s has a health check, a pinned image, and publishes on loopback only", (_, service) => {
  expect(service.healthcheck?.test.length).toBeGreaterThan(1);
  const images = service.image ? [service.image] : [...dockerfile.matchAll(/^FROM (\S+)/gm)].map((match) => match[1]!);
  for (const image of images) expect(image).toMatch(/:\d+\.\d+/);
  for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test("tests in containers use the same images", () => {
  expect(IMAGES).toEqual({
    kafka: compose.services["kafka"]!.image,
    clickhouse: compose.services["clickhouse"]!.image,
  });
});

test("every named volume is declared, and the services' image does not run as root", () => {
  const used = all.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(":")[0]!));
  expect(used.toSorted()).toEqual(Object.keys(compose.volumes).toSorted());
  expect(dockerfile.split("\n").findLast((line) => line.startsWith("USER"))).toBe("USER node");
});
