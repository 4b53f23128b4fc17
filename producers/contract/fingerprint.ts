// CRC-64-AVRO of a schema's Parsing Canonical Form, as the Avro specification defines it ("Schema Fingerprints").
import type avro from "avsc";

const EMPTY = 0xc15d213aa4d7a795n;
const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let value = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ (EMPTY & -(value & 1n));
  return value;
});

/** The 8 bytes that follow C3 01 on the wire, little-endian, as 16 hex digits in wire order. */
export function fingerprint(type: avro.Type): string {
  let crc = EMPTY;
  for (const byte of Buffer.from(canonicalForm(type))) crc = (crc >> 8n) ^ TABLE[Number((crc ^ BigInt(byte)) & 0xffn)]!;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(crc);
  return bytes.toString("hex");
}

/** Parsing Canonical Form: full names, only what decoding needs, fixed order of attributes. */
export function canonicalForm(type: avro.Type): string {
  return JSON.stringify(type.schema({ exportAttrs: false }));
}
