// A real Apache Kafka broker on this machine: one node, KRaft, loopback only.
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { randomBytes } from "node:crypto";
import { Kafka, logLevel } from "kafkajs";
import { startChild, untilReady, type Child } from "./child.ts";
import { freePort } from "./free-port.ts";
import { ensureKafkaJars } from "./kafka-jars.ts";
import { ROOT } from "./paths.ts";

export interface Broker {
  /** host:port */
  readonly brokers: string;
  readonly child: Child;
  readonly stop: () => Promise<void>;
}

export interface BrokerOptions {
  readonly dataDir: string;
  /** Wanted port; where it is taken, any free one. */
  readonly port?: number;
  readonly log: string;
  readonly say?: (line: string) => void;
  /** Listeners beside the plain one, each on its port of loopback. */
  readonly listeners?: Readonly<Partial<Record<SecureProtocol, number>>>;
  /** Server properties that those need. */
  readonly properties?: Readonly<Record<string, string>>;
  /** SCRAM users, as the storage tool takes them; known from the first use on. */
  readonly scramUsers?: readonly string[];
}

type SecureProtocol = "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";

const HEAP = "-Xmx512m";

/** Starts a broker on `dataDir`, formatted at its first use; resolves when it answers. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { dataDir, port, log, say = () => undefined, scramUsers = [] } = options;
  const jars = await ensureKafkaJars(say);
  await mkdir(dataDir, { recursive: true });
  const brokerPort = await freePort(port);
  const controllerPort = await freePort();
  const properties = join(dataDir, "server.properties");
  writeFileSync(properties, serverProperties(join(dataDir, "log"), brokerPort, controllerPort, options));
  const classpath = `${jars}/*`;
  const logging = [
    `-Dlog4j2.configurationFile=${join(ROOT, "local/kafka/log4j2.yaml")}`,
    `-Dtidemark.log=${log}.kafka`,
  ];
  await format(dataDir, classpath, logging, ["-c", properties, ...scramUsers.flatMap((user) => ["--add-scram", user])]);
  const child = startChild({
    name: "Kafka broker",
    command: "java",
    args: [HEAP, "-XX:+UseSerialGC", ...logging, "-cp", classpath, "kafka.Kafka", properties],
    cwd: dataDir,
    log,
  });
  const id = readFileSync(join(dataDir, "cluster-id"), "utf8");
  // that something listens there is not enough: another broker may have taken the port in the meantime
  await untilReady(child, async () => (await clusterAt(`127.0.0.1:${brokerPort}`)) === id, 60_000);
  return { brokers: `127.0.0.1:${brokerPort}`, child, stop: () => child.stop(10_000) };
}

/** Id of the cluster that answers there. Throws where none does. */
async function clusterAt(broker: string): Promise<string> {
  const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).clusterId;
  } finally {
    await admin.disconnect();
  }
}

async function format(dataDir: string, classpath: string, logging: string[], more: string[]): Promise<void> {
  if (existsSync(join(dataDir, "log", "meta.properties"))) return;
  const idFile = join(dataDir, "cluster-id");
  if (!existsSync(idFile)) writeFileSync(idFile, randomBytes(16).toString("base64url"));
  const id = readFileSync(idFile, "utf8");
  const args = ["-Xmx128m", ...logging, "-cp", classpath, "kafka.tools.StorageTool"];
  await promisify(execFile)("java", [...args, "format", "--standalone", `--cluster-id=${id}`, ...more], {
    cwd: dataDir,
  });
}

function serverProperties(
  logDir: string,
  port: number,
  controllerPort: number,
  { listeners: more = {}, properties = {} }: BrokerOptions,
): string {
  const ports = { PLAINTEXT: port, CONTROLLER: controllerPort, ...more };
  const listeners = Object.entries(ports).map(([name, at]) => `${name}://127.0.0.1:${at}`);
  const protocols = Object.keys(more).map((name) => `,${name}:${name}`);
  const settings: Record<string, string | number> = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.bootstrap.servers": `127.0.0.1:${controllerPort}`,
    listeners: listeners.join(","),
    "advertised.listeners": listeners.join(","),
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": `CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT${protocols.join("")}`,
    "log.dirs": logDir,
    "auto.create.topics.enable": "false",
    "message.max.bytes": 16 * 1024 * 1024,
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "default.replication.factor": 1,
    "min.insync.replicas": 1,
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 1000,
    "num.network.threads": 2,
    "num.io.threads": 4,
    ...properties,
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}
