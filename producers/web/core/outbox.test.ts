import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_BODY_BYTES } from "../../contract/collect.ts";
import { answered, batchOf, delayAfter, EMPTY, failed, put, requestOf, take, type Outbox } from "./outbox.ts";

const event = (id: number, bytes = 20): string => JSON.stringify({ id, pad: "x".repeat(Math.max(0, bytes - 17)) });
const numbers = (length: number): number[] => Array.from({ length }, (_, nth) => nth);

describe("a request", () => {
  test("is the oldest events, as JSON that the collector reads", () => {
    const box = take(put(EMPTY, event(1), event(2)));
    const request = JSON.parse(requestOf(box.waiting.slice(0, box.underWay), 3)) as unknown;
    expect(request).toEqual({ lost: 3, events: [JSON.parse(event(1)), JSON.parse(event(2))] });
  });

  test("is never larger than the collector reads, in bytes and not in letters", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "é", "€", "😀"), { minLength: 1, maxLength: 80 }), (letters) => {
        const waiting = letters.map((letter) => JSON.stringify(letter.repeat(1500)));
        const batch = batchOf(waiting, 0);
        expect(batch.length).toBeGreaterThan(0);
        expect(Buffer.byteLength(requestOf(batch, 1e6))).toBeLessThanOrEqual(MAX_BODY_BYTES);
      }),
    );
  });

  test("has half as many events after each failure, down to one, and all again after an answer", () => {
    let box = put(EMPTY, ...numbers(300).map((id) => event(id)));
    const sizes = numbers(40).map(() => {
      const { underWay } = take(box);
      box = failed(take(box));
      return underWay;
    });
    expect(sizes.slice(0, 8)).toEqual([100, 50, 25, 13, 7, 4, 2, 1]);
    expect(new Set(sizes.slice(8))).toEqual(new Set([1]));
    box = answered(take(box));
    expect(take(box).underWay).toBe(100);
  });
});

describe("room", () => {
  test("is made by letting the oldest go that are not under way, and each is counted", () => {
    let box = take(put(EMPTY, event(0), event(1)));
    box = put(box, ...numbers(30).map((id) => event(id + 2, 10_000)));
    const ids = box.waiting.map((text) => (JSON.parse(text) as { id: number }).id);
    expect(ids.slice(0, 2)).toEqual([0, 1]);
    expect(ids.at(-1)).toBe(31);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(ids.length + box.lost).toBe(32);
    expect(box.lost).toBeGreaterThan(5);
    expect(Buffer.byteLength(box.waiting.join())).toBeLessThanOrEqual(200_000);
  });

  test("is not taken by an event that fits into no request: it is counted as lost at once", () => {
    const box = put(EMPTY, event(1, MAX_BODY_BYTES), event(2));
    expect(box.waiting).toEqual([event(2)]);
    expect(box.lost).toBe(1);
  });

  test("what was let go is told until an answer comes, and then no more", () => {
    let box: Outbox = { ...EMPTY, lost: 3 };
    box = failed(take(put(box, event(1))));
    expect(box.lost).toBe(3);
    box = take(box);
    expect(box.telling).toBe(3);
    box = put(box, event(2, MAX_BODY_BYTES));
    expect(answered(box).lost).toBe(1);
  });
});

test("delays double from a second to a minute, and are spread over half of that", () => {
  const delay = (failures: number, random: number): number => delayAfter({ ...EMPTY, failures }, random);
  expect([1, 2, 3, 4, 5, 6, 7, 8, 50].map((failures) => delay(failures, 1))).toEqual([
    1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000,
  ]);
  expect(delay(3, 0)).toBe(2000);
});

test("whatever happens, every event is answered, waiting or counted as lost, and in order", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("put" as const), bytes: fc.constantFrom(30, 3000, 30_000, 70_000) }),
    fc.record({ kind: fc.constantFrom("take" as const, "answer" as const, "fail" as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let box = EMPTY;
      let made = 0;
      let told = 0;
      const done: string[] = [];
      for (const action of steps) {
        if (action.kind === "put") box = put(box, event(made++, action.bytes));
        else if (action.kind === "take") {
          if (box.underWay === 0 && box.waiting.length > 0) box = take(box);
        } else if (box.underWay > 0) {
          if (action.kind === "answer") {
            done.push(...box.waiting.slice(0, box.underWay));
            told += box.telling;
            box = answered(box);
          } else box = failed(box);
        }
        expect(done.length + box.waiting.length + box.lost + told).toBe(made);
        const ids = [...done, ...box.waiting].map((text) => (JSON.parse(text) as { id: number }).id);
        expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
      }
    }),
    { numRuns: 300 },
  );
});
