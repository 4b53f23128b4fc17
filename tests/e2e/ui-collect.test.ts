// A visit to a shop, from the visitor's browser to the shopkeeper's wall: collector, broker, worker, engine and gateway are real.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PartitionStatus, Status } from "../../gateway/contract/status.ts";
import { EventDecoder } from "../../producers/contract/codec.ts";
import type { EventType, ShopEvent } from "../../producers/contract/events.ts";
import { launchBrowser } from "../support/browser.ts";
import { readLog } from "../support/read-log.ts";
import { startShopPage, type ShopPage } from "../support/shop-page.ts";
import { buildSnippet } from "../support/snippet.ts";
import { eventually, openWorld, type World } from "../support/world.ts";

/** A headless browser says that it is one, and would be kept apart as automatic traffic. Its beacons mind only an argument. */
const PERSON =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36";

let world: World;
let shop: ShopPage;
let browser: Browser;
let visitor: BrowserContext;
let page: Page;
let wall: Page;
let gatewayUrl: string;

beforeAll(async () => {
  [world, shop, browser] = await Promise.all([
    openWorld(),
    startShopPage(),
    launchBrowser(`--user-agent=${PERSON}`),
    buildSnippet(),
  ]);
  await world.startWorker();
  const [gateway, collector] = await Promise.all([
    world.startGateway(),
    world.startCollector({ COLLECTOR_ORIGINS: shop.url }),
  ]);
  gatewayUrl = gateway.url;
  shop.options.url = collector.url;
  visitor = await browser.newContext();
  page = await visitor.newPage();
  wall = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  await wall.goto(`${gatewayUrl}/wall`);
});

afterAll(async () => {
  await browser.close();
  await shop.stop();
  await world.end();
});

const tell = (name: string, data: object): Promise<void> =>
  page.evaluate(([name, data]) => window.tidemark?.(name, data), [name, data] as const);
const tile = (id: string): Promise<string> => wall.locator(`[data-tile=${id}] .value`).innerText();
const status = async (): Promise<Status> => (await (await fetch(`${gatewayUrl}/api/status`)).json()) as Status;

/** Every record of the topic. */
async function records(): Promise<ShopEvent[]> {
  const decoder = new EventDecoder();
  const log = await readLog(world.config.KAFKA_BROKERS, world.config.EVENTS_TOPIC);
  return [...log.values()].flat().map(({ value }) => {
    const decoded = decoder.decode(value);
    if (!decoded.ok) throw new Error(decoded.detail);
    return decoded.event;
  });
}

const typesOf = (events: Iterable<ShopEvent>): Partial<Record<EventType, number>> => {
  const types: Partial<Record<EventType, number>> = {};
  for (const { type } of events) types[type] = (types[type] ?? 0) + 1;
  return types;
};

test("a visitor looks around, loses the net and finds it again, orders and leaves: the wall shows the order", async () => {
  await page.goto(`${shop.url}/?utm_medium=email&utm_campaign=spring`);
  await page.click("text=Lamps");
  await tell("product", { sku: "lamp", category: "Home & Garden" });
  await eventually("one visitor is there", async () => (await tile("visitors_now")) === "1");

  await visitor.setOffline(true);
  await page.evaluate(() => history.pushState(null, "", "/lamps/bulb"));
  await tell("product", { sku: "bulb" });
  await tell("cart", { sku: "lamp" });
  await page.waitForTimeout(2000);
  await visitor.setOffline(false);
  await eventually("what happened without a net is on the log", async () => (await records()).length >= 6);

  await tell("checkout", { cart_value: "84.50", currency: "GBP" });
  const lines = [{ sku: "lamp", name: "Lamp", category: "Home & Garden", quantity: 1, unit_price: 84.5 }];
  await tell("order", { order_id: "A-1", currency: "GBP", lines });
  await page.close({ runBeforeUnload: true }); // before the half second is over

  await eventually("revenue is £84.50", async () => (await tile("revenue_today")) === "£84.50");
  expect(await tile("visitors_now")).toBe("1");
});

test("every event is on the log, under its visit, as the visitor's browser and the collector know it", async () => {
  const events = new Map((await records()).map((event) => [event.event_id, event]));
  expect(typesOf(events.values())).toEqual({
    session_started: 1,
    page_viewed: 3,
    product_viewed: 2,
    cart_changed: 1,
    checkout_started: 1,
    order_placed: 1,
  });
  const [{ session_id, session_started_at }] = [...events.values()] as [ShopEvent];
  for (const event of events.values())
    expect(event).toMatchObject({
      session_id,
      session_started_at,
      store: "shop",
      channel: "email",
      campaign: "spring",
      device: "desktop",
      user_agent: PERSON,
    });
});

test("each event counts once: what was sent again is accounted for as a duplicate, and nothing is a dead letter", async () => {
  const all = await records();
  const distinct = new Set(all.map(({ event_id }) => event_id)).size;
  const { counted, duplicate } = await eventually("everything is consumed", async () => {
    const { partitions } = await status();
    const sum = (of: (status: PartitionStatus) => number): number =>
      partitions.reduce((total, partition) => total + of(partition), 0);
    if (sum(({ consumed }) => consumed) !== all.length) return null;
    return { counted: sum(({ counters }) => counters.counted), duplicate: sum(({ counters }) => counters.duplicate) };
  });
  expect({ counted, duplicate }).toEqual({ counted: distinct, duplicate: all.length - distinct });
});
