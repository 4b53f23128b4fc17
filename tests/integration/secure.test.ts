// Kafka and ClickHouse as operators run them: certificates, users and passwords. A broker of our own with a listener for each
// way in, and HTTPS in front of the engine; every certificate is signed by an authority that nobody trusts by himself.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { startBroker, type Broker } from "../../local/broker.ts";
import { freePort } from "../../local/free-port.ts";
import { encodeEvent } from "../../producers/contract/codec.ts";
import { readConfig } from "../../runtime/config.ts";
import { withCure } from "../../runtime/cure.ts";
import { createKafka, ensureTopics } from "../../runtime/kafka.ts";
import { createLogger } from "../../runtime/log.ts";
import { view } from "../guide/shop.ts";
import { Authority, type Certificate } from "../support/certificates.ts";
import { startHttpsProxy, type HttpsProxy } from "../support/https-proxy.ts";
import { eventually, worldOfTest } from "../support/world.ts";

type Env = Record<string, string>;

const KAFKA_USER = { name: "tide", password: "high water" };
const STORAGE_USER = { name: "moon", password: "full:moon" };
const MECHANISMS = ["plain", "scram-sha-256", "scram-sha-512"];
const log = createLogger("test", "silent");

let folder: string;
let harbour: Authority;
let stranger: Authority;
let client: Certificate;
let broker: Broker;
let proxy: HttpsProxy;
const ports = { SSL: 0, SASL_SSL: 0, SASL_PLAINTEXT: 0 };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tidemark-secure-"));
  harbour = await Authority.found(folder, "harbour");
  stranger = await Authority.found(folder, "stranger");
  const server = await harbour.certify("server");
  client = await harbour.certify("client");
  proxy = await startHttpsProxy(server, inject("clickhouseUrl"), STORAGE_USER);
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
  const { name, password } = KAFKA_USER;
  broker = await startBroker({
    dataDir: join(folder, "kafka"),
    log: join(folder, "kafka.log"),
    listeners: ports,
    properties: await brokerProperties(server),
    scramUsers: ["SCRAM-SHA-256", "SCRAM-SHA-512"].map((kind) => `${kind}=[name=${name},password=${password}]`),
  });
});
afterAll(async () => {
  await broker?.stop();
  await proxy?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The SSL listener asks for a certificate, the SASL ones for a user by any mechanism. */
async function brokerProperties({ cert, key }: Certificate): Promise<Env> {
  const keystore = join(folder, "broker.pem");
  await writeFile(keystore, (await readFile(key, "utf8")) + (await readFile(cert, "utf8")), { mode: 0o600 });
  const modules = {
    plain: `plain.PlainLoginModule required user_${KAFKA_USER.name}="${KAFKA_USER.password}"`,
    "scram-sha-256": "scram.ScramLoginModule required",
    "scram-sha-512": "scram.ScramLoginModule required",
  };
  const jaas = ["sasl_ssl", "sasl_plaintext"].flatMap((listener) =>
    Object.entries(modules).map(([mechanism, module]) => [
      `listener.name.${listener}.${mechanism}.sasl.jaas.config`,
      `org.apache.kafka.common.security.${module};`,
    ]),
  );
  return {
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": keystore,
    "ssl.truststore.type": "PEM",
    "ssl.truststore.location": harbour.ca,
    "listener.name.ssl.ssl.client.auth": "required",
    "sasl.enabled.mechanisms": MECHANISMS.map((name) => name.toUpperCase()).join(","),
    ...(Object.fromEntries(jaas) as Env),
  };
}

const at = (listener: keyof typeof ports): Env => ({ KAFKA_BROKERS: `127.0.0.1:${ports[listener]}` });
const tls = (): Env => ({ KAFKA_TLS: "true", KAFKA_CA_FILE: harbour.ca });
const user = (mechanism: string): Env => ({
  KAFKA_SASL: mechanism,
  KAFKA_USER: KAFKA_USER.name,
  KAFKA_PASSWORD: KAFKA_USER.password,
});
const certificate = (): Env => ({ KAFKA_CERT_FILE: client.cert, KAFKA_KEY_FILE: client.key });
const storage = (): Env => ({
  CLICKHOUSE_URL: proxy.url,
  CLICKHOUSE_CA_FILE: harbour.ca,
  CLICKHOUSE_USER: STORAGE_USER.name,
  CLICKHOUSE_PASSWORD: STORAGE_USER.password,
});

const WAYS: Record<string, () => Env> = {
  "TLS and SCRAM": () => ({ ...at("SASL_SSL"), ...tls(), ...user("scram-sha-512") }),
  "TLS with certificates on both sides": () => ({ ...at("SSL"), ...tls(), ...certificate() }),
  "SASL alone": () => ({ ...at("SASL_PLAINTEXT"), ...user("scram-sha-256") }),
};

test.each(Object.entries(WAYS))("a worker folds over %s, and stores over HTTPS", async (_, way) => {
  const world = await worldOfTest({ ...way(), ...storage() });
  const { config } = world;
  const kafka = createKafka(config, log, "test");
  await ensureTopics(kafka, [{ name: config.EVENTS_TOPIC, role: "events", partitions: config.EVENTS_PARTITIONS }]);
  const now = Date.now();
  const messages = Array.from({ length: 100 }, (_, index) => ({ key: `s${index}`, value: pageView(index, now) }));
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: config.EVENTS_TOPIC, messages });
  await producer.disconnect();

  const before = proxy.served();
  const worker = world.start("stream/main.ts", ["--until-caught-up"]);
  expect(await worker.ended, worker.tail()).toBe(0);
  const answer = await world.clickhouse.query({
    query: `SELECT sum(page_views) AS views FROM ${config.CLICKHOUSE_ANALYTICS}.panes WHERE dimension = 'total' AND width = 60`,
    format: "JSONEachRow",
  });
  expect(await answer.json()).toEqual([{ views: 100 }]);
  expect(proxy.served()).toBeGreaterThan(before);
});

test("a simulated shop and a gateway work over TLS, SCRAM and HTTPS, too", async () => {
  const world = await worldOfTest({ ...WAYS["TLS and SCRAM"]!(), ...storage() });
  const [from, to] = [120, 60].map((minutes) => new Date(Date.now() - minutes * 60_000).toISOString()) as [
    string,
    string,
  ];
  const shop = world.start("producers/simulate.ts", ["--from", from, "--to", to, "--speed", "max", "--rate", "600"]);
  expect(await shop.ended, shop.tail()).toBe(0);
  const worker = world.start("stream/main.ts", ["--until-caught-up"]);
  expect(await worker.ended, worker.tail()).toBe(0);
  const { url } = await world.startGateway();
  await eventually("the gateway is ready", async () => (await fetch(`${url}/readyz`)).ok);
  const status = (await (await fetch(`${url}/api/status`)).json()) as { storageUp: boolean };
  expect(status.storageUp).toBe(true);
});

test.each(MECHANISMS)(
  "%s lets a user in with the right password, and says which settings to check with a wrong one",
  async (kind) => {
    for (const listener of ["SASL_PLAINTEXT", "SASL_SSL"] as const) {
      const env = { ...at(listener), ...user(kind), ...(listener === "SASL_SSL" ? tls() : {}) };
      expect(await outcome(env)).toBe("connected");
      expect(await outcome({ ...env, KAFKA_PASSWORD: "low water" })).toContain(
        `Kafka refuses user tide by ${kind}: check KAFKA_USER, KAFKA_PASSWORD`,
      );
    }
  },
);

test("what is wrong with a connection to Kafka is said with its cure", async () => {
  const plain = { KAFKA_BROKERS: broker.brokers };
  const cases: [cure: string, env: Env][] = [
    ["KAFKA_CA_FILE", { ...at("SASL_SSL"), ...user("plain"), KAFKA_TLS: "true" }],
    ["KAFKA_CA_FILE", { ...at("SSL"), ...tls(), ...certificate(), KAFKA_CA_FILE: stranger.ca }],
    ["KAFKA_CERT_FILE", { ...at("SSL"), ...tls() }],
    ["name the host in KAFKA_BROKERS", { ...tls(), ...certificate(), KAFKA_BROKERS: `localhost:${ports.SSL}` }],
    ["KAFKA_TLS=true", at("SSL")],
    ["KAFKA_SASL", at("SASL_PLAINTEXT")],
    ["KAFKA_TLS=false", { ...plain, ...tls() }],
    ["KAFKA_SASL=none", { ...plain, ...user("plain") }],
  ];
  const outcomes = await Promise.all(cases.map(([, env]) => outcome(env)));
  for (const [index, [cure]] of cases.entries()) expect(outcomes[index]).toContain(cure);
});

/** What connecting so comes to, as the operator would read it. */
async function outcome(env: Env): Promise<string> {
  const config = readConfig(env);
  const admin = createKafka(config, log, "test").admin();
  try {
    await admin.connect();
    await admin.listTopics();
    return "connected";
  } catch (error) {
    return withCure(error, config);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

describe("a worker that cannot start says why as its last word:", () => {
  test.each<[what: string, code: number, said: () => string, env: () => Env]>([
    ["Kafka's password is wrong", 1, () => "check KAFKA_USER, KAFKA_PASSWORD", () => ({ KAFKA_PASSWORD: "low" })],
    ["ClickHouse's password is wrong", 1, () => "check CLICKHOUSE_USER", () => ({ CLICKHOUSE_PASSWORD: "new" })],
    ["ClickHouse is signed by another", 1, () => "CLICKHOUSE_CA_FILE", () => ({ CLICKHOUSE_CA_FILE: stranger.ca })],
    ["a file is missing", 2, () => "there is no such file", () => ({ KAFKA_CA_FILE: join(folder, "nowhere.pem") })],
  ])("%s", async (_, code, said, wrong) => {
    const world = await worldOfTest({ ...WAYS["TLS and SCRAM"]!(), ...storage() });
    const worker = world.start("stream/main.ts", ["--until-caught-up"], wrong());
    expect(await worker.ended, worker.tail()).toBe(code);
    expect(worker.tail(3)).toContain(said());
  });
});

const pageView = (index: number, now: number): Buffer =>
  encodeEvent(view({ occurred_at: now - 60_000, session_id: `s${index}`, session_started_at: now - 60_000 }));
