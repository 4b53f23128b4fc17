import { expect, test } from "vitest";
import type { WallState } from "../../../gateway/contract/wall.ts";
import { ofDay } from "./figures.ts";

const store = { id: "shop", name: "Shop", timeZone: "Europe/London", currency: "GBP" };
const MORNING = Date.UTC(2026, 10, 27, 9, 48);
const of = (asOf: number): Pick<WallState, "asOf" | "store"> => ({ asOf, store });

test("a figure of today says so, one of another day says which, by the store's clock", () => {
  expect(ofDay("Revenue", of(MORNING), MORNING)).toBe("Revenue today");
  expect(ofDay("Revenue", of(Date.UTC(2026, 10, 26, 21, 2)), MORNING)).toBe("Revenue Thu 26 Nov");
  expect(ofDay("Revenue", of(Date.UTC(2026, 6, 1, 23, 30)), Date.UTC(2026, 6, 2, 9))).toBe("Revenue today");
  expect(ofDay("Revenue", null, MORNING)).toBe("Revenue today");
});
