// Every setting of every process, declared once: name, type, default, description.
// The README's table, --help and docker-compose's test are made from this table.
import { readFileSync } from "node:fs";
import { z } from "zod";
import { CURRENCY } from "../producers/contract/usable.ts";

const port = z.coerce.number().int().min(0).max(65535);
const positive = z.coerce.number().int().positive();
const flag = z.enum(["true", "false"]).transform((text) => text === "true");

/** A path in the environment, the file's text as the setting's value: it is read once, with all other settings. */
const pemFile = (what: "a certificate" | "a private key without a passphrase", label: RegExp): z.ZodType<string> =>
  z.string().transform((path, ctx) => {
    if (path === "") return "";
    try {
      const text = readFileSync(path, "utf8");
      if (label.test(text)) return text;
      ctx.addIssue({ code: "custom", message: `the file holds no ${what.replace(/^a /, "")} in PEM form` });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why = code === "ENOENT" ? "there is no such file" : `the file cannot be read (${code})`;
      ctx.addIssue({ code: "custom", message: `${why}; name a PEM file with ${what}, as an absolute path` });
    }
    return z.NEVER;
  });
const certificateFile = pemFile("a certificate", /-----BEGIN CERTIFICATE-----/);
const keyFile = pemFile("a private key without a passphrase", /-----BEGIN (RSA |EC )?PRIVATE KEY-----/);

/** Empty is allowed. A user does not belong into an address that logs show. */
const registryUrl = z.string().superRefine((text, ctx) => {
  if (text === "") return;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    ctx.addIssue({ code: "custom", message: "write it as http(s)://host:port" });
  else if (url.username !== "" || url.password !== "")
    ctx.addIssue({ code: "custom", message: "name the user in SCHEMA_REGISTRY_USER and SCHEMA_REGISTRY_PASSWORD" });
});

/** A store as the operator declares it: everything about it that is not in its events. */
export interface Store {
  readonly id: string;
  readonly name: string;
  /** IANA zone; buckets of days and "today" follow it. */
  readonly timeZone: string;
  /** ISO 4217; the store's figures are reported in it. */
  readonly currency: string;
}

const stores = z.string().transform((text, ctx): readonly Store[] => {
  const list = text
    .split(";")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [id = "", name = "", timeZone = "", currency = ""] = entry.split("|").map((part) => part.trim());
      const problem = storeProblem(id, name, timeZone, currency);
      if (problem !== null) ctx.addIssue({ code: "custom", message: `store "${entry}": ${problem}` });
      return { id, name, timeZone, currency };
    });
  if (list.length === 0) ctx.addIssue({ code: "custom", message: "name at least one store" });
  if (new Set(list.map((store) => store.id)).size < list.length)
    ctx.addIssue({ code: "custom", message: "store ids must differ" });
  return list;
});

function storeProblem(id: string, name: string, timeZone: string, currency: string): string | null {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(id)) return "the id is made of a-z, 0-9 and -";
  if (name === "") return "write it as id|name|time zone|currency";
  if (!CURRENCY.test(currency)) return `"${currency}" is not an ISO 4217 code`;
  try {
    return Intl.DateTimeFormat("en", { timeZone }) && null;
  } catch {
    return `"${timeZone}" is not an IANA time zone`;
  }
}

/** Pages are told by their origin, which has no path; "*" would be everybody. */
const origins = z.string().transform((text, ctx): readonly string[] => {
  const list = text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  for (const entry of list)
    if (!URL.canParse(entry) || new URL(entry).origin !== entry)
      ctx.addIssue({ code: "custom", message: `"${entry}" is not an origin: write it as https://shop.example` });
  return list;
});

const brokers = z.string().superRefine((text, ctx) => {
  for (const entry of text.split(",").map((broker) => broker.trim()))
    if (!/^(\[[\da-f:.]+\]|[^\s:]+):\d{1,5}$/i.test(entry) || Number(/\d+$/.exec(entry)![0]) > 65_535)
      ctx.addIssue({ code: "custom", message: `"${entry}" is not an address: write it as host:port` });
});

interface Setting {
  readonly type: z.ZodType;
  /** What the setting is when the environment does not name it, as it would be written there. */
  readonly fallback: string;
  readonly about: string;
  readonly secret?: true;
}

export const SETTINGS = {
  KAFKA_BROKERS: {
    type: brokers,
    fallback: "127.0.0.1:9092",
    about: "Kafka bootstrap servers, host:port, separated by commas",
  },
  KAFKA_TLS: { type: flag, fallback: "false", about: "true: talk TLS to Kafka" },
  KAFKA_CA_FILE: {
    type: certificateFile,
    fallback: "",
    about: "PEM file with the certificate that signed Kafka's; empty: those that Node trusts",
  },
  KAFKA_CERT_FILE: {
    type: certificateFile,
    fallback: "",
    about: "PEM file with our own certificate, for brokers that ask for one (mutual TLS)",
  },
  KAFKA_KEY_FILE: { type: keyFile, fallback: "", about: "PEM file with its private key, without a passphrase" },
  KAFKA_SASL: {
    type: z.enum(["none", "plain", "scram-sha-256", "scram-sha-512"]),
    fallback: "none",
    about: "SASL mechanism: none, plain, scram-sha-256 or scram-sha-512",
  },
  KAFKA_USER: { type: z.string(), fallback: "", about: "SASL user" },
  KAFKA_PASSWORD: { type: z.string(), fallback: "", about: "SASL password", secret: true },
  EVENTS_TOPIC: { type: z.string().min(1), fallback: "shop.events", about: "Topic of shop events" },
  EVENTS_PARTITIONS: {
    type: positive,
    fallback: "8",
    about: "Partitions of the events topic where we are the ones to create it",
  },
  SCHEMA_REGISTRY_URL: {
    type: registryUrl,
    fallback: "",
    about: "Schema registry for events in Confluent's wire format; empty: such records are dead letters",
    secret: true, // a password may stand in it by mistake
  },
  SCHEMA_REGISTRY_USER: {
    type: z.string(),
    fallback: "",
    about: "User of the schema registry; empty: no authentication",
  },
  SCHEMA_REGISTRY_PASSWORD: {
    type: z.string(),
    fallback: "",
    about: "Password of the schema registry",
    secret: true,
  },
  SOURCE: {
    type: z.string(),
    fallback: "",
    about: "Name of this incarnation of the events topic, part of every stored key; empty: EVENTS_TOPIC#1",
  },
  DEAD_LETTERS_TOPIC: {
    type: z.string().min(1),
    fallback: "shop.dead-letters",
    about: "Topic of records that could not be used",
  },
  PANES_TOPIC: { type: z.string().min(1), fallback: "kpi.panes", about: "Topic of panes for the gateways" },
  CONSUMER_GROUP: { type: z.string().min(1), fallback: "tidemark-stream", about: "Consumer group of the workers" },
  CLICKHOUSE_URL: { type: z.url(), fallback: "http://127.0.0.1:8123", about: "ClickHouse HTTP address" },
  CLICKHOUSE_CA_FILE: {
    type: certificateFile,
    fallback: "",
    about:
      "PEM file with the certificate that signed ClickHouse's, for an https address; empty: those that Node trusts",
  },
  CLICKHOUSE_USER: { type: z.string(), fallback: "default", about: "ClickHouse user" },
  CLICKHOUSE_PASSWORD: { type: z.string(), fallback: "", about: "ClickHouse password", secret: true },
  CLICKHOUSE_DATABASE: {
    type: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
    fallback: "tidemark",
    about: "Database of our tables",
  },
  CLICKHOUSE_ANALYTICS: {
    type: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
    fallback: "analytics",
    about: "Database of the public read-only views",
  },
  STORES: {
    type: stores,
    fallback: "shop|UK shop|Europe/London|GBP;online-retail|Online Retail|Europe/London|GBP",
    about: "Stores, as id|name|time zone|currency, separated by semicolons; the first is shown by default",
  },
  FLUSH_MS: { type: positive, fallback: "1000", about: "A worker stores what changed this often, ms" },
  PUBLISH_MS: { type: positive, fallback: "100", about: "A worker publishes changed panes this often, ms" },
  RAW_EVENTS: {
    type: z.enum(["all", "dead"]),
    fallback: "all",
    about:
      "Which records are stored as raw rows: all, or only the dead letters (a worker then needs about a third less CPU)",
  },
  WORKER_HOST: {
    type: z.string().min(1),
    fallback: "127.0.0.1",
    about: "Address a worker's /healthz and /metrics bind to",
  },
  WORKER_PORT: {
    type: port,
    fallback: "0",
    about: "Port of a worker's /healthz and /metrics; 0: any free one, logged",
  },
  GATEWAY_HOST: { type: z.string().min(1), fallback: "127.0.0.1", about: "Address the gateway binds to" },
  GATEWAY_PORT: { type: port, fallback: "8080", about: "Port of the gateway; 0: any free one, logged" },
  COLLECTOR_HOST: { type: z.string().min(1), fallback: "127.0.0.1", about: "Address the collector binds to" },
  COLLECTOR_PORT: { type: port, fallback: "8081", about: "Port of the collector; 0: any free one, logged" },
  COLLECTOR_ORIGINS: {
    type: origins,
    fallback: "",
    about:
      "Origins whose pages may send events to the collector, as scheme://host, separated by commas; empty: its own only",
  },
  COLLECTOR_EVENTS_PER_MINUTE: {
    type: positive,
    fallback: "600",
    about: "Events that the collector takes from one address in a minute",
  },
  COLLECTOR_COUNTRY_HEADER: {
    type: z.string().regex(/^[A-Za-z0-9-]*$/, "a header's name is made of letters, digits and -"),
    fallback: "",
    about:
      "Request header with the visitor's country, as a CDN sets it, e.g. CF-IPCountry; empty: the event's own field",
  },
  COLLECTOR_TRUST_PROXY: {
    type: flag,
    fallback: "false",
    about: "true: a proxy in front of the collector sets X-Forwarded-For; its last entry is the visitor's address",
  },
  LOG_LEVEL: {
    type: z.enum(["trace", "debug", "info", "warn", "error", "silent"]),
    fallback: "info",
    about: "Least level that is logged",
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
export type Config = { readonly [K in SettingName]: z.output<(typeof SETTINGS)[K]["type"]> };

/** All that is wrong with the settings, at once. Its message is what the operator reads. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length} problem${problems.length > 1 ? "s" : ""}:\n` +
        problems.map((problem) => `  ${problem}`).join("\n") +
        "\nRun any command with --help for the settings, their defaults and meaning.",
    );
    this.problems = problems;
  }
}

/** Reads the settings from an environment. Throws one ConfigError that names every problem. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const entries = Object.entries<Setting>(SETTINGS).map(([name, setting]) => {
    const text = env[name] ?? setting.fallback;
    const parsed = setting.type.safeParse(text);
    if (parsed.success) return [name, parsed.data] as const;
    const shown = setting.secret ? "(secret)" : JSON.stringify(text);
    for (const issue of parsed.error.issues) problems.push(`${name}=${shown}: ${issue.message}`);
    return [name, undefined] as const;
  });
  const config = Object.fromEntries(entries) as Config;
  problems.push(...disagreements(config));
  if (problems.length > 0) throw new ConfigError(problems);
  return config.SOURCE === "" ? { ...config, SOURCE: `${config.EVENTS_TOPIC}#1` } : config;
}

/** What is wrong with settings that have to go together. One that is wrong by itself is undefined here. */
function disagreements(config: { readonly [K in SettingName]: Config[K] | undefined }): string[] {
  const problems: string[] = [];
  const files = (["KAFKA_CA_FILE", "KAFKA_CERT_FILE", "KAFKA_KEY_FILE"] as const).filter((name) => config[name]);
  if (files.length > 0 && config.KAFKA_TLS === false)
    problems.push(`${files.join(", ")}: of use only with KAFKA_TLS=true`);
  if ((config.KAFKA_CERT_FILE === "") !== (config.KAFKA_KEY_FILE === ""))
    problems.push("KAFKA_CERT_FILE, KAFKA_KEY_FILE: a certificate and its key come together");
  if (config.KAFKA_SASL !== undefined && config.KAFKA_SASL !== "none" && config.KAFKA_USER === "")
    problems.push(`KAFKA_SASL=${config.KAFKA_SASL}: KAFKA_USER names nobody`);
  if (config.CLICKHOUSE_CA_FILE && config.CLICKHOUSE_URL?.startsWith("http:"))
    problems.push("CLICKHOUSE_CA_FILE: of use only where CLICKHOUSE_URL begins with https:");
  return problems;
}

/** The settings as rows of text: the README's table and --help print the same ones. */
export function settingRows(): { name: string; fallback: string; about: string }[] {
  return Object.entries<Setting>(SETTINGS).map(([name, { fallback, about }]) => ({ name, fallback, about }));
}
