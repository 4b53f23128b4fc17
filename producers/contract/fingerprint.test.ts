import avro from "avsc";
import { expect, test } from "vitest";
import { canonicalForm, fingerprint } from "./fingerprint.ts";

// Published with the Avro specification: share/test/data/schema-tests.txt, as signed 64-bit numbers.
const PUBLISHED: [string, bigint][] = [
  ["null", 7195948357588979594n],
  ["boolean", -6970731678124411036n],
  ["int", 8247732601305521295n],
  ["long", -3434872931120570953n],
  ["double", -8181574048448539266n],
  ["string", -8142146995180207161n],
];

const wireOrder = (signed: bigint): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(signed);
  return bytes.toString("hex");
};

test.each(PUBLISHED)("the fingerprint of %s is the one that Avro publishes", (schema, published) => {
  expect(fingerprint(avro.Type.forSchema(schema as avro.Schema))).toBe(wireOrder(published));
});

test.each([
  [{ type: "fixed", name: "foo", size: 15 }, `{"name":"foo","type":"fixed","size":15}`, 1756455273707447556n],
  [["int", "boolean"], `["int","boolean"]`, 5392556393470105090n],
])("so is that of %j, by its canonical form", (schema, form, published) => {
  const type = avro.Type.forSchema(schema as avro.Schema);
  expect(canonicalForm(type)).toBe(form);
  expect(fingerprint(type)).toBe(wireOrder(published));
});

test("documentation, defaults and the order of attributes do not change a fingerprint", () => {
  const plain = { type: "record", name: "R", fields: [{ name: "a", type: ["null", "long"] }] };
  const wordy = {
    fields: [{ default: null, doc: "a", type: ["null", "long"], name: "a" }],
    name: "R",
    doc: "r",
    type: "record",
  };
  expect(fingerprint(avro.Type.forSchema(wordy as avro.Schema))).toBe(
    fingerprint(avro.Type.forSchema(plain as avro.Schema)),
  );
});

test("names are written in full, as the canonical form wants them", () => {
  const type = avro.Type.forSchema({ type: "record", namespace: "n.s", name: "R", fields: [] });
  expect(canonicalForm(type)).toBe(`{"name":"n.s.R","type":"record","fields":[]}`);
});
