// The wall as people see it: a real browser, a real gateway, a real worker, a real broker and the real engine.
import { Kafka, logLevel, type Producer } from "kafkajs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeEvent } from "../../producers/contract/codec.ts";
import { recordKey, type ShopEvent } from "../../producers/contract/events.ts";
import type { Child } from "../../local/child.ts";
import { launchBrowser } from "../support/browser.ts";
import { eventually, openWorld, type World } from "../support/world.ts";
import { order, view } from "../guide/shop.ts";

let world: World;
let browser: Browser;
let page: Page;
let producer: Producer;
let worker: Child;
let gateway: { child: Child; url: string };

const send = async (...events: ShopEvent[]): Promise<void> => {
  const messages = events.map((event) => ({ key: recordKey(event), value: encodeEvent(event) }));
  await producer.send({ topic: world.config.EVENTS_TOPIC, messages });
};
const tile = (id: string): Promise<string> => page.locator(`[data-tile=${id}] .value`).innerText();
const condition = (is: string): Promise<true> =>
  eventually(
    `the wall is ${is}`,
    async () => (await page.locator(".wall").getAttribute("data-condition")) === is || null,
  );

beforeAll(async () => {
  world = await openWorld();
  worker = await world.startWorker();
  gateway = await world.startGateway();
  const kafka = new Kafka({ brokers: world.config.KAFKA_BROKERS.split(","), logLevel: logLevel.NOTHING });
  producer = kafka.producer();
  await producer.connect();
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1920, height: 1080 }, bypassCSP: true }); // axe is put in
});

afterAll(async () => {
  await browser.close();
  await producer.disconnect();
  await world.end();
});

/** A session of its own, now. */
const visit = (id: string): { session_id: string; session_started_at: number; occurred_at: number } => {
  const at = Date.now();
  return { session_id: id, session_started_at: at, occurred_at: at };
};

test("before anything is sold the wall is live and says so, without figures that nobody earned", async () => {
  await page.goto(`${gateway.url}/wall`);
  await condition("live");
  expect(await tile("revenue_today")).toBe("no data");
  expect(await page.locator(".strip").innerText()).toContain("No open alerts");
});

test("an order is produced, and the figure on the wall changes", async () => {
  const anna = visit("anna");
  await send(view(anna), order("A-1", anna));
  await eventually("revenue is £84.50", async () => (await tile("revenue_today")) === "£84.50");
  await eventually("one visitor is there", async () => (await tile("visitors_now")) === "1");
  await send(order("A-1", anna), order("A-2", visit("ben"))); // the first is a repeat
  await eventually("two orders", async () => (await tile("revenue_today")) === "£169");
  await eventually("two visitors", async () => (await tile("visitors_now")) === "2");
  expect(await page.locator("[data-tile=orders_per_min] .value").innerText()).not.toBe("0.0");
});

test("a tile explains its number", async () => {
  await page.locator("[data-tile=revenue_today]").click();
  const words = await page.locator("dialog").innerText();
  expect(words).toContain("gross − discounts − refunded goods − cancelled goods");
  expect(words).toContain("£169.00");
  await page.keyboard.press("Escape");
  await eventually("it is closed", async () => (await page.locator("dialog").count()) === 0);
});

test("a worker that dies makes the wall stale, and a new one makes it live again", async () => {
  worker.process.kill("SIGKILL");
  await worker.ended;
  await condition("stale");
  expect(await page.locator(".tile.is-stale").count()).toBe(6);
  expect(await tile("revenue_today")).toBe("£169");
  worker = await world.startWorker();
  await condition("live");
  expect(await tile("revenue_today")).toBe("£169");
});

test("the gateway is stopped and the wall says so; it comes back and the wall recovers, with what it missed", async () => {
  const port = new URL(gateway.url).port;
  await gateway.child.stop();
  await condition("disconnected");
  const bar = await page.locator(".strip.is-cut").innerText();
  expect(bar).toContain("NO CONNECTION");
  expect(bar).toMatch(/Attempt \d+/);
  expect(await tile("revenue_today")).toBe("£169");
  await send(order("A-3", visit("carla")));
  gateway = await world.startGateway({ GATEWAY_PORT: port });
  await condition("live");
  await eventually("the third order is there", async () => (await tile("revenue_today")) === "£254");
});

test("the status page accounts for every record, and nothing is at fault", async () => {
  await page.goto(`${gateway.url}/status`);
  const balance = page.locator(".balance");
  await balance.waitFor();
  expect(await balance.innerText()).toContain("Balances, difference 0");
  const figures = (await page.locator(".term .figure").allInnerTexts()).map(Number);
  expect(figures).toEqual([5, 4, 1, 0, 0]);
});

test("the history page shows the store's months, and says where there are none", async () => {
  await page.goto(`${gateway.url}/history?store=shop`);
  await page.locator("tr.total").waitFor();
  expect(await page.locator("tr.total").innerText()).toContain("£253.50");
  await page.goto(`${gateway.url}/history?store=online-retail`);
  const empty = page.locator(".card .empty", { hasText: "sold" });
  await empty.waitFor();
  expect(await empty.innerText()).toBe("Nothing was sold in Online Retail yet.");
});

test.each(["/wall", "/status", "/history"])("axe finds nothing on %s, dark or light", async (path) => {
  for (const theme of ["dark", "light"]) {
    await page.goto(`${gateway.url}${path}?theme=${theme}`);
    await page.waitForLoadState("networkidle").catch(() => undefined);
    await page
      .locator(path === "/wall" ? "[data-condition=live]" : "main .card")
      .first()
      .waitFor();
    await page.addScriptTag({ path: "node_modules/axe-core/axe.min.js" });
    const found = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`);
    });
    expect(found, theme).toEqual([]);
  }
});

test("no text on the wall leaves its box", async () => {
  await page.goto(`${gateway.url}/wall`);
  await condition("live");
  const cut = await page.evaluate(() => {
    const boxes = [...document.querySelectorAll<HTMLElement>(".cell, .tile-head, .tile-body, .panel-words, .strip")];
    return boxes.filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.innerText);
  });
  expect(cut).toEqual([]);
});
