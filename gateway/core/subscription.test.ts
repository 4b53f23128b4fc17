import { expect, test } from "vitest";
import { checkSubscription } from "./subscription.ts";

const good = { store: "shop", dimension: "total", value: "all", tiles: ["aov", "conversion"] };

test("equal subscriptions share a room, whatever the order of their tiles", () => {
  const rooms = [good.tiles, [...good.tiles].toReversed(), ["aov", "aov", "conversion"]].map((tiles) =>
    checkSubscription({ ...good, tiles }, ["shop"]),
  );
  expect(new Set(rooms.map((checked) => (checked.ok ? checked.room : null))).size).toBe(1);
});

test.each([
  ["an unknown store, naming the known ones", { ...good, store: "nowhere" }, "unknown-store", /"nowhere".*shop/],
  ["an unknown tile", { ...good, tiles: ["moonphase"] }, "bad-subscription", /tiles\[0\]/],
  ["an unknown dimension", { ...good, dimension: "mood" }, "bad-subscription", /dimension/],
  ["no tiles", { ...good, tiles: [] }, "bad-subscription", /tiles/],
  ["not an object", "shop", "bad-subscription", /object/],
  ["nothing", undefined, "bad-subscription", /object/],
] as const)("refuses %s", (_, asked, code, message) => {
  const checked = checkSubscription(asked, ["shop"]);
  expect(checked).toMatchObject({ ok: false, code });
  expect(checked.ok ? "" : checked.message).toMatch(message);
});
