import fc from "fast-check";
import { expect, test } from "vitest";
import { RowBinaryWriter } from "./row-binary.ts";

const written = (write: (to: RowBinaryWriter) => void): Buffer => {
  const writer = new RowBinaryWriter();
  write(writer);
  return writer.take();
};

test("every safe integer is written as its 64-bit two's complement", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(written((to) => to.i64(value)).readBigInt64LE()).toBe(BigInt(value));
    }),
  );
});

test("a string is its length in LEB128 and its UTF-8 bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
      const bytes = written((to) => to.string(text));
      const body = Buffer.from(text);
      const header = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
      expect(bytes).toEqual(Buffer.concat([Buffer.from(header), body]));
    }),
  );
});

test("null is a flag alone, a value follows a cleared flag", () => {
  expect([...written((to) => to.nullable(null, (value) => to.u16(value)))]).toEqual([1]);
  expect([...written((to) => to.nullable(258, (value) => to.u16(value)))]).toEqual([0, 2, 1]);
});

test("the writer grows, and taking starts anew", () => {
  const writer = new RowBinaryWriter();
  const big = Buffer.alloc(200_000, 7);
  writer.bytes(big);
  writer.array([1, 2, 3], (value) => writer.u32(value));
  expect(writer.take().length).toBe(3 + 200_000 + 1 + 12);
  expect(writer.length).toBe(0);
  writer.bool(true);
  expect([...writer.take()]).toEqual([1]);
});
