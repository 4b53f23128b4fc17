// Status and history in the states they have, by a gateway that follows a script.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { accounts } from "./scripted-accounts.ts";
import { asUsual, closePages, faultsOf, openPages, type Pages } from "./scripted-pages.ts";

let pages: Pages;

beforeAll(async () => {
  pages = await openPages(1366, 768);
});
beforeEach(() => asUsual(pages));
afterAll(() => closePages(pages));

const open = (path: string): Promise<unknown> => pages.page.goto(`${pages.gateway.url}${path}`);
const textOf = (selector: string): Promise<string> => pages.page.locator(selector).innerText();

test("records that are missing are shown as a difference, in their partition and in the total", async () => {
  pages.gateway.script.status = (now) => {
    const status = accounts(now);
    return {
      ...status,
      partitions: status.partitions.map((one) => (one.partition === 2 ? { ...one, consumed: one.consumed + 3 } : one)),
    };
  };
  await open("/status");
  expect(await textOf(".balance")).toContain("Difference 3");
  expect(await textOf("tr.at-fault >> nth=0")).toContain("▲ 3");
  expect(await pages.page.locator("tr.at-fault").count()).toBe(2); // and the one that lags
});

test("a record lost in one partition is not made good by one doubled in another", async () => {
  const off: Record<number, number> = { 1: 3, 2: -3 };
  pages.gateway.script.status = (now) => {
    const status = accounts(now);
    const partitions = status.partitions.map((one) => ({ ...one, consumed: one.consumed + (off[one.partition] ?? 0) }));
    return { ...status, partitions };
  };
  await open("/status");
  expect(await textOf(".balance")).toContain("Difference 6");
});

test("a status that was never told says that there is nothing to show", async () => {
  pages.gateway.script.status = null;
  await open("/status");
  await pages.page.locator(".in-doubt").waitFor();
  expect(await textOf(".in-doubt")).toContain("Nothing can be shown yet.");
  expect(await pages.page.getByText("Asking the gateway").count()).toBe(0);
});

test("a status that cannot be told says so, and keeps what was known", async () => {
  await open("/status");
  expect(await textOf(".balance")).toContain("Balances, difference 0");
  pages.gateway.script.status = null;
  await pages.page.locator(".in-doubt").waitFor();
  expect(await textOf(".in-doubt")).toContain("The status cannot be told now.");
  expect(await textOf(".balance")).toContain("Balances, difference 0");
  asUsual(pages);
  await pages.page.locator(".in-doubt").waitFor({ state: "detached" });
});

test("before any worker has spoken, status says how to start one", async () => {
  pages.gateway.script.status = (now) => ({ ...accounts(now), partitions: [] });
  await open("/status");
  await pages.page.locator(".card .empty").waitFor();
  expect(await textOf(".card .empty")).toContain("npm run stream");
});

test("dead letters that storage cannot list are not shown as none", async () => {
  pages.gateway.script.status = (now) => ({ ...accounts(now), deadLetters: null, storageUp: false });
  await open("/status");
  await pages.page.locator(".balance").waitFor();
  expect(await textOf(".card .empty")).toContain("Storage does not answer");
});

test("order ids under two sessions are a warning that says what to do; none are quiet", async () => {
  await open("/status");
  const row = pages.page.locator("tr", { hasText: "Order ids under two sessions" });
  await row.waitFor();
  expect(await row.innerText()).toMatch(/\s0$/);
  expect(await pages.page.locator(".advice").count()).toBe(0);
  pages.gateway.script.status = (now) => ({ ...accounts(now), doubles: { orderIds: { shop: 3 }, sessions: 0 } });
  await pages.page.locator(".advice").waitFor();
  expect(await textOf(".advice")).toContain("npm run reconcile");
  expect(await row.innerText()).toMatch(/▲ 3$/);
  expect(await row.locator(".is-doubt").count()).toBe(1);
  expect(await faultsOf(pages.page)).toEqual([]);
});

test("history shows every digit that there is, and the sum of all months", async () => {
  await open("/history");
  await pages.page.locator("tr.total").waitFor();
  const rows = await pages.page.locator("tbody tr").allInnerTexts();
  expect(rows).toHaveLength(13);
  expect(rows.find((row) => row.startsWith("2011-04"))).toContain("£493,207.121");
  expect(rows.at(-1)).toContain("£9,314,079.924");
  expect(await pages.page.locator(".card canvas").count()).toBe(1);
  await pages.page.getByRole("button", { name: "Table" }).click();
  await pages.page.locator(".card canvas").waitFor({ state: "detached" });
});

test("without any store, history says so instead of waiting", async () => {
  pages.gateway.script.stores = [];
  await open("/history");
  await pages.page.getByText("No store is known yet.").waitFor();
  expect(await pages.page.getByText("Asking the gateway").count()).toBe(0);
});

test("history that storage cannot answer says so", async () => {
  pages.gateway.script.months = null;
  await open("/history");
  await pages.page.locator(".is-doubt", { hasText: "Storage does not answer." }).waitFor();
  expect(await faultsOf(pages.page)).toEqual([]);
});

test.each(["/status", "/history"])("axe finds nothing on %s, on a desk or a phone, dark or light", async (path) => {
  for (const [width, height] of [
    [1366, 768],
    [390, 844],
  ] as const)
    for (const theme of ["dark", "light"]) {
      await pages.page.setViewportSize({ width, height });
      await open(`${path}?theme=${theme}`);
      await pages.page.locator("tr.total").waitFor();
      expect(await faultsOf(pages.page), `${theme} ${width}`).toEqual([]);
      expect(await pages.page.evaluate(() => document.documentElement.scrollWidth), "no sideways scrolling").toBe(
        width,
      );
    }
});
