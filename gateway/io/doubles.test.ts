import { expect, test } from "vitest";
import { DoublesWatch } from "./doubles.ts";

const ONE = { orderIds: { shop: 1 }, sessions: 0 };
const NONE = { orderIds: {}, sessions: 0 };

test("storage is asked once a minute, and again soon where it did not answer", async () => {
  const answers = [ONE, null, NONE];
  const askedAt: number[] = [];
  const watch = new DoublesWatch({
    doubles: (now) => {
      const answer = answers[askedAt.push(now) - 1];
      return answer ? Promise.resolve(answer) : Promise.reject(new Error("away"));
    },
  });
  const seen: unknown[] = [];
  for (let now = 0; now <= 70_000; now += 1000) {
    await watch.tick(now);
    if (seen.at(-1) !== watch.last) seen.push(watch.last);
  }
  expect(askedAt).toEqual([0, 60_000, 65_000]);
  expect(seen).toEqual([ONE, null, NONE]);
});

test("while an answer is awaited, no second question is asked", async () => {
  let asked = 0;
  let answer: (given: typeof ONE) => void = () => undefined;
  const watch = new DoublesWatch({
    doubles: () => {
      asked++;
      return new Promise((resolve) => (answer = resolve));
    },
  });
  const first = watch.tick(0);
  await watch.tick(90_000);
  expect(asked).toBe(1);
  expect(watch.last).toBeNull();
  answer(ONE);
  await first;
  expect(watch.last).toBe(ONE);
});
