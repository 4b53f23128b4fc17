// One way to reach Kafka for every process: address, TLS, SASL, quiet logs, and topics that exist.
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectionOptions } from "node:tls";
import { Kafka, logLevel, type Admin, type ITopicConfig, type LogEntry, type SASLOptions } from "kafkajs";
import type * as kafkajs from "kafkajs";
import "./compression.ts";
import type { Config } from "./config.ts";
import { withCure } from "./cure.ts";
import type { Logger } from "./log.ts";
import { TOPIC_SETTINGS, type TopicRole } from "../producers/contract/topics.ts";

const LEVELS: Record<number, "error" | "warn" | "info" | "debug"> = {
  [logLevel.ERROR]: "warn", // kafkajs retries nearly all that it calls an error
  [logLevel.WARN]: "warn",
  [logLevel.INFO]: "debug",
  [logLevel.DEBUG]: "debug",
};

const EVERY_TRY = /^Connection (error|timeout)|^Failed to connect to (seed )?broker/;
const TELL_AGAIN_MS = 30_000;

export function createKafka(config: Config, log: Logger, clientId: string): Kafka {
  process.env["KAFKAJS_NO_PARTITIONER_WARNING"] = "1";
  return new Kafka({
    clientId,
    brokers: config.KAFKA_BROKERS.split(",").map((broker) => broker.trim()),
    ssl: config.KAFKA_TLS && tlsOf(config),
    ...(config.KAFKA_SASL === "none" ? {} : { sasl: saslOf(config) }),
    connectionTimeout: 3000,
    retry: { initialRetryTime: 200, retries: 8, maxRetryTime: 3000 },
    logCreator: () => kafkaLog(config, log),
  });
}

/** Of what kafkajs tells with every try to connect, one line every half minute, with its cure. */
function kafkaLog(config: Config, log: Logger): (entry: LogEntry) => void {
  let toldAt = -Infinity;
  return ({ level, log: { message, ...more } }) => {
    let as = LEVELS[level] ?? "debug";
    let says = message;
    if (EVERY_TRY.test(message)) {
      const told = Date.now() - toldAt < TELL_AGAIN_MS;
      if (told) as = "debug";
      else toldAt = Date.now();
      says = withCure(Object.assign(new Error(message), { name: "KafkaJSConnectionError" }), config);
    }
    log[as]({ kafka: { ...more, timestamp: undefined } }, says);
  };
}

/** What is not named is Node's own choice: the authorities that it trusts, no certificate of ours. */
function tlsOf({ KAFKA_CA_FILE: ca, KAFKA_CERT_FILE: cert, KAFKA_KEY_FILE: key }: Config): ConnectionOptions {
  return { ...(ca === "" ? {} : { ca }), ...(cert === "" ? {} : { cert, key }) };
}

function saslOf(config: Config): SASLOptions {
  const user = { username: config.KAFKA_USER, password: config.KAFKA_PASSWORD };
  switch (config.KAFKA_SASL) {
    case "scram-sha-256":
    case "scram-sha-512":
      return { mechanism: config.KAFKA_SASL, ...user };
    default:
      return { mechanism: "plain", ...user };
  }
}

const TIMESTAMPS = "message.timestamp.type";
/** Node does not see it among the names that kafkajs exports. */
const { ConfigResourceTypes } = createRequire(import.meta.url)("kafkajs") as typeof kafkajs;

/** Who may not ask goes on: it is the topic's owner who has to know. A topic that is new may not be known everywhere yet. */
const UNANSWERED = new Set([
  "TOPIC_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "UNKNOWN_TOPIC_OR_PARTITION",
]);

/** Throws where the records of a topic have their producers' times: one wrong clock would move event time for all, for good. */
async function checkTimestamps(admin: Admin, topic: string): Promise<void> {
  const resource = { type: ConfigResourceTypes.TOPIC, name: topic, configNames: [TIMESTAMPS] };
  const answer = await admin
    .describeConfigs({ resources: [resource], includeSynonyms: false })
    .catch((error: { type?: string }) => {
      if (UNANSWERED.has(error.type ?? "")) return null;
      throw error;
    });
  const set = answer?.resources[0]?.configEntries.find(({ configName }) => configName === TIMESTAMPS)?.configValue;
  const wanted: string = TOPIC_SETTINGS.events[TIMESTAMPS];
  if (set === undefined || set === wanted) return;
  throw new Error(
    `Topic ${topic} has ${TIMESTAMPS}=${set}: its records' times are those of their producers' clocks, and one wrong clock ` +
      `would make all other events late. Set it to ${wanted}: kafka-configs.sh --bootstrap-server … --alter ` +
      `--entity-type topics --entity-name ${topic} --add-config ${TIMESTAMPS}=${wanted}`,
  );
}

const LED_WITHIN_MS = 15_000;

/** A topic that was made a moment ago has leaders that do not know it yet. */
async function untilLed(admin: Admin, topic: string): Promise<void> {
  for (const until = Date.now() + LED_WITHIN_MS; ; await sleep(100)) {
    try {
      await admin.fetchTopicOffsets(topic);
      return;
    } catch (error) {
      if (!(error as { retriable?: boolean }).retriable || Date.now() > until) throw error;
    }
  }
}

/**
 * Creates the topics that are missing, with the settings that their roles need. Idempotent. Throws where an events topic that is
 * there already keeps other times than Kafka's own.
 */
export async function ensureTopics(
  kafka: Kafka,
  wanted: readonly { name: string; role: TopicRole; partitions: number }[],
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    for (const { name, role } of wanted)
      if (role === "events" && existing.has(name)) await checkTimestamps(admin, name);
    const topics: ITopicConfig[] = wanted
      .filter(({ name }) => !existing.has(name))
      .map(({ name, role, partitions }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: -1,
        configEntries: Object.entries(TOPIC_SETTINGS[role]).map(([key, value]) => ({ name: key, value })),
      }));
    if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: true });
    for (const { topic } of topics) await untilLed(admin, topic);
  } finally {
    await admin.disconnect();
  }
}
