// Do the counts in an event's bytes fit into them? avsc makes room for as many items as an array or map says it has before it has
// read one, so that a few bad bytes could take all of a process's memory, or all of its time. So they are counted before.
// Source: Apache Avro specification, "Binary Encoding", "Arrays" and "Maps".
import type avro from "avsc";

/** Where a walk has come to. */
interface Cursor {
  readonly bytes: Buffer;
  at: number;
  /** Items seen that take no bytes: there may be no more of them than bytes, or a few bytes could be a day's work. */
  weightless: number;
}

/** Passes over a value; false: it does not fit into the bytes, or cannot be read. */
type Pass = (cursor: Cursor) => boolean;

/** What we use of avsc's types. */
interface Written {
  readonly typeName: string;
  readonly fields?: readonly { readonly type: Written }[];
  readonly itemsType?: Written;
  readonly valuesType?: Written;
  readonly types?: readonly Written[];
  readonly underlyingType?: Written;
  readonly size?: number;
}

/** Do all blocks of the body that begins at `at` fit? null: a body of this type has none. */
export function blocksOf(type: avro.Type): ((bytes: Buffer, at: number) => boolean) | null {
  const written = type as unknown as Written;
  if (!hasBlocks(written, new Set())) return null;
  const pass = passOf(written, new Map());
  return (bytes, at) => pass({ bytes, at, weightless: 0 });
}

function hasBlocks(type: Written, seen: Set<Written>): boolean {
  if (type.typeName === "array" || type.typeName === "map") return true;
  if (seen.has(type)) return false;
  seen.add(type);
  return partsOf(type).some((part) => hasBlocks(part, seen));
}

const partsOf = ({ fields = [], types = [], underlyingType }: Written): Written[] => [
  ...fields.map(({ type }) => type),
  ...types,
  ...(underlyingType ? [underlyingType] : []),
];

const nothing: Pass = () => true;

/** `made`: of types that contain themselves. */
function passOf(type: Written, made: Map<Written, Pass>): Pass {
  const known = made.get(type);
  if (known) return known;
  let pass: Pass = nothing;
  made.set(type, (cursor) => pass(cursor));
  pass = makePass(type, (part) => passOf(part, made));
  made.set(type, pass);
  return pass;
}

function makePass(type: Written, of: (part: Written) => Pass): Pass {
  switch (type.typeName) {
    case "null":
      return nothing;
    case "boolean":
      return forward(1);
    case "float":
      return forward(4);
    case "double":
      return forward(8);
    case "fixed":
      return forward(type.size!);
    case "int":
    case "long":
    case "enum":
      return (cursor) => !Number.isNaN(long(cursor));
    case "string":
    case "bytes":
      return passString;
    case "array":
      return blocks(of(type.itemsType!));
    case "map": {
      const value = of(type.valuesType!);
      return blocks((cursor) => passString(cursor) && value(cursor));
    }
    case "record":
    case "error": {
      const fields = type.fields!.map((field) => of(field.type)).filter((field) => field !== nothing);
      return fields.length === 0 ? nothing : (cursor) => fields.every((field) => field(cursor));
    }
    default: {
      if (type.underlyingType) return of(type.underlyingType);
      const branches = (type.types ?? []).map(of);
      return (cursor) => branches[long(cursor)]?.(cursor) ?? false;
    }
  }
}

const forward =
  (bytes: number): Pass =>
  (cursor) =>
    (cursor.at += bytes) <= cursor.bytes.length;

function passString(cursor: Cursor): boolean {
  const length = long(cursor);
  return length >= 0 && (cursor.at += length) <= cursor.bytes.length; // false for NaN
}

/**
 * Blocks of items until an empty one; each says how many it has. A negative count is followed by the block's size in bytes: who
 * passes over the block believes it, so that it has to be true.
 */
function blocks(item: Pass): Pass {
  return (cursor) => {
    for (;;) {
      const said = long(cursor);
      if (said === 0) return true;
      const size = said < 0 ? long(cursor) : null;
      const count = Math.abs(said);
      const from = cursor.at;
      if (!(count <= cursor.bytes.length - from)) return false; // nor NaN
      if (item === nothing) cursor.weightless += count;
      else for (let i = 0; i < count; i++) if (!item(cursor)) return false;
      if (cursor.weightless > cursor.bytes.length || (size !== null && cursor.at !== from + size)) return false;
    }
  };
}

/** A zigzag varint; NaN: the bytes end within it, or it is longer than a long. Beyond 2⁵³ it is not exact. */
function long(cursor: Cursor): number {
  let sum = 0;
  let weight = 1;
  for (let i = 0; i < 10; i++) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) return NaN;
    sum += (byte & 0x7f) * weight;
    if (byte < 0x80) return sum % 2 === 0 ? sum / 2 : -(sum + 1) / 2;
    weight *= 128;
  }
  return NaN;
}
