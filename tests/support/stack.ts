// One broker and one ClickHouse for a whole run of integration and end-to-end tests: in containers where a Docker engine
// answers, else on this machine. Tests get their addresses by inject("kafkaBrokers") and inject("clickhouseUrl").
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { ScratchStack } from "../../local/scratch-stack.ts";

declare module "vitest" {
  export interface ProvidedContext {
    kafkaBrokers: string;
    clickhouseUrl: string;
  }
}

interface Stack {
  readonly kafkaBrokers: string;
  readonly clickhouseUrl: string;
  stop(): Promise<void>;
}

/** The images of docker-compose.yml; tests/compose.test.ts holds the two together. */
export const IMAGES = { kafka: "apache/kafka:4.1.0", clickhouse: "clickhouse/clickhouse-server:26.7" };

/** Projects of one run share the stack; the last to end stops it. */
let shared: Promise<Stack> | null = null;
let users = 0;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  users++;
  shared ??= dockerAnswers().then((answers) => (answers ? inContainers() : onThisMachine()));
  const stack = await shared;
  project.provide("kafkaBrokers", stack.kafkaBrokers);
  project.provide("clickhouseUrl", stack.clickhouseUrl);
  return async () => {
    if (--users === 0) await stack.stop();
  };
}

/** A Docker client alone is not enough. */
async function dockerAnswers(): Promise<boolean> {
  try {
    await promisify(execFile)("docker", ["info", "--format", "{{.ServerVersion}}"], { timeout: 5000 });
    return true;
  } catch {
    return false;
  }
}

async function onThisMachine(): Promise<Stack> {
  const stack = await ScratchStack.open("test", (line) => console.log(line));
  return { kafkaBrokers: stack.broker.brokers, clickhouseUrl: stack.engine.url, stop: () => stack.close() };
}

async function inContainers(): Promise<Stack> {
  const { GenericContainer, Wait } = await import("testcontainers");
  const { freePort } = await import("../../local/free-port.ts");
  const port = await freePort();
  const [kafka, clickhouse] = await Promise.all([
    new GenericContainer(IMAGES.kafka)
      .withExposedPorts({ container: port, host: port })
      .withEnvironment(kafkaEnvironment(port))
      .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
      .start(),
    new GenericContainer(IMAGES.clickhouse)
      .withExposedPorts(8123)
      .withEnvironment({ CLICKHOUSE_SKIP_USER_SETUP: "1" })
      .withWaitStrategy(Wait.forHttp("/ping", 8123))
      .start(),
  ]);
  return {
    kafkaBrokers: `127.0.0.1:${port}`,
    clickhouseUrl: `http://127.0.0.1:${clickhouse.getMappedPort(8123)}`,
    stop: async () => {
      await Promise.all([kafka.stop(), clickhouse.stop()]);
    },
  };
}

const kafkaEnvironment = (port: number): Record<string, string> => ({
  KAFKA_NODE_ID: "1",
  KAFKA_PROCESS_ROLES: "broker,controller",
  KAFKA_CONTROLLER_QUORUM_VOTERS: "1@localhost:9094",
  KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:9094`,
  KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
  KAFKA_CONTROLLER_LISTENER_NAMES: "CONTROLLER",
  KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
  KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: "1",
  KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: "0",
  KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: "1000",
  KAFKA_AUTO_CREATE_TOPICS_ENABLE: "false",
  KAFKA_MESSAGE_MAX_BYTES: String(16 * 1024 * 1024),
});
