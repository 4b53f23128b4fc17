// Events as bytes: Avro single-object encoding, C3 01 + 8-byte CRC-64-AVRO fingerprint + body.
// The writer's schema is found by its fingerprint and resolved to ours, so a field added with a default breaks nobody.
// Source: Avro specification, "Single-object encoding" and "Schema resolution".
import { readFileSync } from "node:fs";
import avro from "avsc";
import { EVENT_TYPES, type EventType, type ShopEvent } from "./events.ts";
import { fingerprint } from "./fingerprint.ts";

const MARKER = 0xc301;
const HEADER_BYTES = 10;

export type Decoded = { ok: true; event: ShopEvent } | { ok: false; reason: DecodeFault; detail: string };
export type DecodeFault =
  | "decode-empty"
  | "decode-marker"
  | "decode-schema"
  | "decode-truncated"
  | "decode-trailing"
  | "decode-body";

interface Writer {
  readonly type: EventType;
  readonly reader: avro.Type;
  readonly resolver: avro.Resolver | undefined;
}

/** Reads an event type's schema as it is written on the wire today. */
export function loadSchema(type: EventType): avro.Schema {
  return JSON.parse(readFileSync(new URL(`./schemas/${type}.avsc`, import.meta.url), "utf8")) as avro.Schema;
}

const current = Object.fromEntries(EVENT_TYPES.map((type) => [type, avro.Type.forSchema(loadSchema(type))])) as Record<
  EventType,
  avro.Type
>;

/** Fingerprint of each type's current schema: 16 hex digits, in wire order. Pinned by a test. */
export const FINGERPRINTS = Object.fromEntries(EVENT_TYPES.map((type) => [type, fingerprint(current[type])])) as Record<
  EventType,
  string
>;

const headers = Object.fromEntries(
  EVENT_TYPES.map((type) => [type, Buffer.from(`c301${FINGERPRINTS[type]}`, "hex")]),
) as Record<EventType, Buffer>;

/** Bytes of one event. Throws if the event does not fit its schema: that is a bug of the caller. */
export function encodeEvent(event: ShopEvent): Buffer {
  return Buffer.concat([headers[event.type], current[event.type].toBuffer(event)]);
}

/** Finds the writer's schema of a record by its fingerprint, and decodes to our own schema. */
export class EventDecoder {
  readonly #writers = new Map<string, Writer>();

  constructor() {
    for (const type of EVENT_TYPES)
      this.#writers.set(headers[type].toString("latin1"), { type, reader: current[type], resolver: undefined });
  }

  /** Makes records of another version of a schema readable. Throws if it cannot be resolved to ours. */
  register(type: EventType, schema: avro.Schema): void {
    const writer = avro.Type.forSchema(schema);
    const header = Buffer.from(`c301${fingerprint(writer)}`, "hex").toString("latin1");
    if (this.#writers.has(header)) return;
    this.#writers.set(header, { type, reader: current[type], resolver: current[type].createResolver(writer) });
  }

  /** Never throws: what cannot be read is a value with its reason. */
  decode(bytes: Buffer | null): Decoded {
    if (bytes === null || bytes.length === 0) return fault("decode-empty", "the record has no value");
    if (bytes.length < HEADER_BYTES || bytes.readUInt16BE(0) !== MARKER)
      return fault("decode-marker", `does not start with C3 01 and a fingerprint, but ${bytes.toString("hex", 0, 10)}`);
    const writer = this.#writers.get(bytes.toString("latin1", 0, HEADER_BYTES));
    if (writer === undefined)
      return fault("decode-schema", `schema ${bytes.toString("hex", 2, HEADER_BYTES)} not found`);
    try {
      const { value, offset } = decodeAt(writer, bytes);
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
}

/** avsc leaves the value undefined where the bytes end too early. */
function decodeAt({ reader, resolver }: Writer, bytes: Buffer): { value: ShopEvent | undefined; offset: number } {
  return reader.decode(bytes, HEADER_BYTES, resolver);
}

function fault(reason: DecodeFault, detail: string): Decoded {
  return { ok: false, reason, detail };
}
