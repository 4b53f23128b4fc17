// Reading what another version of an event's schema wrote: Avro resolves the writer's schema to ours, so that a field added or
// left out breaks nobody as long as it has a default. Source: Avro specification, "Schema Resolution".
import avro from "avsc";
import { blocksOf } from "./blocks.ts";
import { EVENT_TYPES, type EventType } from "./events.ts";
import { fingerprint } from "./fingerprint.ts";
import { CURRENT, loadSchema } from "./schemas.ts";

/** Reads the bodies that one version of an event's schema describes. */
export interface Writer {
  readonly type: EventType;
  /** Of the version: 16 hex digits, in wire order. */
  readonly fingerprint: string;
  readonly reader: avro.Type;
  /** undefined: the version is ours. */
  readonly resolver: avro.Resolver | undefined;
  /** Do the blocks of a body fit into its bytes? To be asked before it is read. null: it has none. */
  readonly blocksFit: ((bytes: Buffer, at: number) => boolean) | null;
}

const TYPE_OF = new Map(EVENT_TYPES.map((type) => [CURRENT[type].name, type]));

/** What we write ourselves. */
export const ownWriter = (type: EventType): Writer => ({
  type,
  fingerprint: fingerprint(CURRENT[type]),
  reader: CURRENT[type],
  resolver: undefined,
  blocksFit: blocksOf(CURRENT[type]),
});

/** The event's type follows from the record's full name, e.g. tidemark.shop.v1.OrderPlaced. Throws where it cannot be read as ours. */
export function writerOf(schema: avro.Schema): Writer {
  const written = avro.Type.forSchema(schema);
  const type = TYPE_OF.get(written.name);
  if (type === undefined) throw new Error(`${written.name ?? `the type ${written.typeName}`} is none of our events`);
  const own = ownWriter(type);
  const mark = fingerprint(written);
  if (mark === own.fingerprint) return own;
  const named = inOurNames(
    written.schema({ exportAttrs: true }) as unknown as Json,
    loadSchema(type) as unknown as Json,
  );
  const renamed = avro.Type.forSchema(named as avro.Schema);
  return { ...own, fingerprint: mark, resolver: own.reader.createResolver(renamed), blocksFit: blocksOf(renamed) };
}

/** A schema as JSON, as far as names go: a record, an array, or something else. */
interface Json {
  readonly items?: Json;
  readonly fields?: readonly Field[];
}
interface Field {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly type: Json;
}

/**
 * The written schema with a field that was renamed under the name that we know it by. Avro looks at the reader's aliases alone;
 * a newer writer's say the same from the other end, and names are not on the wire.
 */
function inOurNames(written: Json, ours: Json | undefined): Json {
  if (ours?.fields && written.fields) {
    const known = new Map(ours.fields.map((field) => [field.name, field.type]));
    const nameOf = ({ name, aliases = [] }: Field): string =>
      known.has(name) ? name : (aliases.find((alias) => known.has(alias)) ?? name);
    const fields = written.fields.map((field) => {
      const name = nameOf(field);
      return { ...field, name, type: inOurNames(field.type, known.get(name)) };
    });
    return { ...written, fields };
  }
  if (ours?.items && written.items) return { ...written, items: inOurNames(written.items, ours.items) };
  return written;
}
