// Schemas of records in Confluent's wire format. Decoding waits for nothing, so a batch's schemas are asked for before it is
// folded: while the registry is away the worker waits, as a record that would become a dead letter meanwhile could never be counted.
//
//   batch ─▶ ids not known ─▶ GET /schemas/ids/{id} ─▶ 200              learned ─▶ fold
//                 ▲                    │               404, error 40403  there is none: its records are dead letters
//                 └──── back-off ──────┴────────────── anything else: away
//
// Source: Confluent Schema Registry API reference, "Schemas".
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../../runtime/log.ts";
import { registryIdIn, type EventDecoder } from "../../producers/contract/codec.ts";
import { MAX_EVENT_BYTES } from "../../producers/contract/topics.ts";
import type { LogRecord } from "../core/log-record.ts";
import type { Breath } from "./owned-partition.ts";

export interface RegistryAddress {
  readonly url: string;
  /** Empty: no authentication. */
  readonly user: string;
  readonly password: string;
}

const ANSWER_WITHIN_MS = 5000;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5000;
const BREATH_MS = 250;
/** The registry's own word for "schema not found"; a 404 without it comes from something else at that address. */
const SCHEMA_NOT_FOUND = 40403;
/** Ids that the registry does not have are remembered up to this: rubbish may name any. */
const MOST_MISSING = 10_000;

export class SchemaRegistry {
  readonly #decoder: EventDecoder;
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #user: string;
  readonly #log: Logger;
  readonly #missing = new Set<number>();
  readonly #attempts = new Map<number, Promise<void>>();
  #failures = 0;
  #waiting = 0;

  constructor(decoder: EventDecoder, { url, user, password }: RegistryAddress, log: Logger) {
    this.#decoder = decoder;
    this.#url = url.replace(/\/+$/, "");
    this.#user = user;
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    this.#headers = { accept: "application/vnd.schemaregistry.v1+json", ...(user === "" ? {} : { authorization }) };
    this.#log = log;
  }

  /** Some partition waits for schemas: for one of many, or for the registry to come back. */
  get waiting(): boolean {
    return this.#waiting > 0;
  }

  /** Resolves when every schema of these records is learned, or known not to exist. False: told to stop before. */
  async learn(records: readonly LogRecord[], breathe: Breath): Promise<boolean> {
    this.#waiting++;
    try {
      for (const id of this.#unknown(records))
        while (!this.#isSettled(id)) {
          await Promise.race([this.#attempt(id), sleep(BREATH_MS)]);
          if (!(await breathe())) return false;
        }
      return true;
    } finally {
      this.#waiting--;
    }
  }

  #unknown(records: readonly LogRecord[]): Set<number> {
    if (this.#missing.size > MOST_MISSING) this.#missing.clear();
    const ids = new Set<number>();
    for (const { bytes, valueAt, valueEnd } of records) {
      if (valueAt === -1 || bytes[valueAt] !== 0 || valueEnd - valueAt > MAX_EVENT_BYTES) continue;
      const id = registryIdIn(bytes, valueAt, valueEnd);
      if (id !== -1 && !this.#isSettled(id)) ids.add(id);
    }
    return ids;
  }

  #isSettled(id: number): boolean {
    return this.#decoder.knows(id) || this.#missing.has(id);
  }

  /** Asks once, and where that fails lets the back-off pass; partitions that want the same schema share it. Never rejects. */
  #attempt(id: number): Promise<void> {
    const running = this.#attempts.get(id);
    if (running) return running;
    const attempt = this.#ask(id)
      .then(
        () => this.#answered(),
        (error: unknown) => this.#failed(id, error),
      )
      .finally(() => this.#attempts.delete(id));
    this.#attempts.set(id, attempt);
    return attempt;
  }

  async #ask(id: number): Promise<void> {
    const response = await fetch(`${this.#url}/schemas/ids/${id}`, {
      headers: this.#headers,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const answer = (await response.json().catch(() => null)) as Answer | null;
    if (response.status === 404 && answer?.error_code === SCHEMA_NOT_FOUND) {
      this.#missing.add(id);
      this.#log.warn({ id }, `the schema registry has no schema ${id}: its records are dead letters`);
    } else if (response.ok && typeof answer?.schema === "string") this.#learn(id, answer);
    else throw new Error(this.#problem(response.status, answer));
  }

  #learn(id: number, { schema, schemaType = "AVRO", references = [] }: Answer): void {
    const foreign =
      schemaType !== "AVRO" ? `it is ${schemaType}, not Avro` : references.length > 0 ? "it refers to others" : null;
    const why = foreign ?? this.#decoder.learn(id, schema!);
    if (foreign !== null) this.#decoder.giveUp(id, foreign);
    if (why === null) this.#log.info({ id }, `learned schema ${id} of the registry`);
    else this.#log.warn({ id }, `schema ${id} of the registry cannot be read, its records are dead letters: ${why}`);
  }

  #problem(status: number, answer: Answer | null): string {
    if (status === 401 || status === 403)
      return `it refuses ${this.#user === "" ? "a request without a user" : `user ${this.#user}`} (${status}): check SCHEMA_REGISTRY_USER and SCHEMA_REGISTRY_PASSWORD`;
    const said = answer?.message === undefined ? "" : `: ${answer.message}`;
    return `it answers ${status}${said}; is SCHEMA_REGISTRY_URL the address of a schema registry?`;
  }

  #answered(): void {
    if (this.#failures > 0) this.#log.info("the schema registry answers again");
    this.#failures = 0;
  }

  async #failed(id: number, error: unknown): Promise<void> {
    if (this.#failures === 0)
      this.#log.warn(
        { id, url: this.#url },
        `schema ${id} is needed and the schema registry does not give it; waiting for it, nothing is lost. ${reasonOf(error)}`,
      );
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#failures++, LONGEST_WAIT_MS);
    await sleep(wait);
  }
}

interface Answer {
  readonly schema?: string;
  /** Left out for Avro. */
  readonly schemaType?: string;
  readonly references?: readonly unknown[];
  readonly error_code?: number;
  readonly message?: string;
}

/** fetch says "fetch failed" and keeps the reason as its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== "" ? cause.message : message;
}
