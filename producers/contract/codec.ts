// Events as bytes: Avro single-object encoding, C3 01 + 8-byte CRC-64-AVRO fingerprint + body. Others may write Confluent's wire
// format: 00 + the 4-byte id of a schema in a registry + body. Either way the writer's schema is found and resolved to ours
// (writer.ts), so a field added with a default breaks nobody.
// Source: Avro specification, "Single-object encoding"; Confluent Schema Registry, "Wire format".
import type avro from "avsc";
import { EVENT_TYPES, type EventType, type ShopEvent } from "./events.ts";
import { CURRENT } from "./schemas.ts";
import { ownWriter, writerOf, type Writer } from "./writer.ts";

const MARKER = 0xc301;
const HEADER_BYTES = 10;
const REGISTRY_MARKER = 0;
const REGISTRY_HEADER_BYTES = 5;

export type Decoded = { ok: true; event: ShopEvent } | { ok: false; reason: DecodeFault; detail: string };
export type DecodeFault =
  | "decode-empty"
  | "decode-marker"
  | "decode-schema"
  | "decode-truncated"
  | "decode-trailing"
  | "decode-body";

const own = EVENT_TYPES.map(ownWriter);

/** Fingerprint of each type's current schema: 16 hex digits, in wire order. Pinned by a test. */
export const FINGERPRINTS = Object.fromEntries(own.map(({ type, fingerprint }) => [type, fingerprint])) as Record<
  EventType,
  string
>;

const headerOf = (fingerprint: string): Buffer => Buffer.from(`c301${fingerprint}`, "hex");
const headers = Object.fromEntries(EVENT_TYPES.map((type) => [type, headerOf(FINGERPRINTS[type])])) as Record<
  EventType,
  Buffer
>;

/** Bytes of one event. Throws if the event does not fit its schema: that is a bug of the caller. */
export function encodeEvent(event: ShopEvent): Buffer {
  return Buffer.concat([headers[event.type], CURRENT[event.type].toBuffer(event)]);
}

/** The id of the schema in a registry that a record in Confluent's wire format names; −1: it is no such record. */
export function registryIdIn(bytes: Buffer, at: number, end: number): number {
  return end - at >= REGISTRY_HEADER_BYTES && bytes[at] === REGISTRY_MARKER ? bytes.readUInt32BE(at + 1) : -1;
}

/** Finds the writer's schema of a record, and decodes to our own schema. */
export class EventDecoder {
  readonly #writers = new Map<string, Writer>();
  readonly #learned: Map<number, Writer | string> | null;

  /** `registry`: Confluent's wire format is read, too; whoever decodes sees to it that each id is learned before. */
  constructor({ registry = false }: { registry?: boolean } = {}) {
    for (const writer of own) this.#add(writer);
    this.#learned = registry ? new Map() : null;
  }

  /** Makes records of another version of a schema readable. Throws if it cannot be resolved to ours. */
  register(schema: avro.Schema): void {
    this.#add(writerOf(schema));
  }

  #add(writer: Writer): void {
    this.#writers.set(headerOf(writer.fingerprint).toString("latin1"), writer);
  }

  knows(id: number): boolean {
    return this.#learned?.has(id) ?? false;
  }

  /** Takes in the schema that a registry has under an id. An answer that is not null: records with it cannot be read, and why. */
  learn(id: number, schema: string): string | null {
    try {
      this.#learned?.set(id, writerOf(JSON.parse(schema) as avro.Schema));
      return null;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.giveUp(id, why);
      return why;
    }
  }

  /** What the registry has under that id is no schema that could be read. */
  giveUp(id: number, why: string): void {
    this.#learned?.set(id, why);
  }

  /** Never throws: what cannot be read is a value with its reason. */
  decode(bytes: Buffer | null): Decoded {
    if (bytes === null || bytes.length === 0) return fault("decode-empty", "the record has no value");
    if (bytes[0] === REGISTRY_MARKER && this.#learned !== null) return this.#decodeById(bytes, this.#learned);
    if (bytes.length < HEADER_BYTES || bytes.readUInt16BE(0) !== MARKER)
      return fault("decode-marker", `does not start with C3 01 and a fingerprint, but ${bytes.toString("hex", 0, 10)}`);
    const writer = this.#writers.get(bytes.toString("latin1", 0, HEADER_BYTES));
    if (writer === undefined)
      return fault("decode-schema", `schema ${bytes.toString("hex", 2, HEADER_BYTES)} not found`);
    return decodeBody(writer, bytes, HEADER_BYTES);
  }

  #decodeById(bytes: Buffer, learned: ReadonlyMap<number, Writer | string>): Decoded {
    const id = registryIdIn(bytes, 0, bytes.length);
    if (id === -1)
      return fault("decode-marker", `starts with 00, but ends before a schema's id: ${bytes.toString("hex")}`);
    const writer = learned.get(id);
    if (writer === undefined) return fault("decode-schema", `the schema registry has no schema ${id}`);
    if (typeof writer === "string") return fault("decode-schema", `schema ${id} of the registry: ${writer}`);
    return decodeBody(writer, bytes, REGISTRY_HEADER_BYTES);
  }
}

function decodeBody(writer: Writer, bytes: Buffer, at: number): Decoded {
  try {
    if (writer.blocksFit?.(bytes, at) === false)
      return fault("decode-truncated", `${writer.type} of ${bytes.length} bytes says that it has more`);
    const { value, offset } = decodeAt(writer, bytes, at);
    if (value === undefined || offset < 0 || offset > bytes.length)
      return fault("decode-truncated", `${writer.type} ends after ${bytes.length} bytes`);
    if (offset < bytes.length)
      return fault("decode-trailing", `${bytes.length - offset} bytes follow the ${writer.type}`);
    value.type = writer.type;
    return { ok: true, event: value };
  } catch (error) {
    return fault("decode-body", `${writer.type}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** avsc leaves the value undefined where the bytes end too early. */
function decodeAt(
  { reader, resolver }: Writer,
  bytes: Buffer,
  at: number,
): { value: ShopEvent | undefined; offset: number } {
  return reader.decode(bytes, at, resolver);
}

function fault(reason: DecodeFault, detail: string): Decoded {
  return { ok: false, reason, detail };
}
