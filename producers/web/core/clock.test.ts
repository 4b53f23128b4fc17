import * as fc from "fast-check";
import { expect, test } from "vitest";
import { corrected } from "./clock.ts";

const NOON = Date.UTC(2026, 10, 17, 12);
const ms = (most: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: most });

test("a clock that agrees within 5 s is left alone, however slow the answer", () => {
  fc.assert(
    fc.property(fc.integer({ min: -5000, max: 5000 }), ms(60_000), ms(60_000), (wrong, there, back) => {
      const sent = NOON + wrong;
      expect(corrected(0, sent, sent + there + back, NOON + there)).toBe(0);
    }),
  );
});

test("a clock that is further off is put right, to within half the way of the answer", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), ms(2000), ms(2000), (wrong, there, back) => {
      fc.pre(Math.abs(wrong) > 5000 + there + back);
      const sent = NOON + wrong;
      const offset = corrected(0, sent, sent + there + back, NOON + there);
      expect(Math.abs(offset + wrong)).toBeLessThanOrEqual((there + back) / 2 + 1);
      expect(corrected(offset, sent, sent + there + back, NOON + there)).toBe(offset);
    }),
  );
});

test("an answer that took too long proves nothing, nor does one while the clock was set", () => {
  expect(corrected(0, NOON, NOON + 60_000, NOON + 34_000)).toBe(0);
  expect(corrected(0, NOON, NOON - 3600_000, NOON + 10)).toBe(0);
});
