// The snippet in a real browser, on pages of another origin, before a real collector whose log is in memory.
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { EventOf, EventType, ShopEvent } from "../../producers/contract/events.ts";
import { collectorApp } from "../../producers/io/collector-app.ts";
import { listen, type Listening } from "../../runtime/http-server.ts";
import { launchBrowser } from "../support/browser.ts";
import { MemoryLog } from "../support/memory-log.ts";
import { startShopPage, type ShopPage } from "../support/shop-page.ts";
import { buildSnippet } from "../support/snippet.ts";
import { eventually } from "../support/world.ts";

const MINUTE = 60_000;

let snippet: string;
let browser: Browser;
let shop: ShopPage;
let log: MemoryLog;
/** What the collector's clock is ahead of everybody's, ms. */
let ahead: number;
let collector: Listening | null = null;
let port = 0;
let context: BrowserContext;
let page: Page;
/** Paths that pages asked of the collector. */
let asked: string[];

async function startCollector(): Promise<void> {
  const app = collectorApp(
    { stores: new Set(["shop"]), origins: [shop.url], eventsPerMinute: 100_000, countryHeader: "", snippet },
    {
      append: (events) => log.append(events),
      kafkaAnswers: () => log.up,
      addressOf: () => "somebody",
      log: pino({ level: "silent" }),
      now: () => Date.now() + ahead,
    },
  );
  collector = await listen(app.fetch, "127.0.0.1", port, "COLLECTOR_PORT");
  ({ port } = collector);
}

async function stopCollector(): Promise<void> {
  const drained = collector?.drain();
  collector?.destroySockets();
  await drained;
  collector = null;
}

beforeAll(async () => {
  [snippet, browser, shop] = await Promise.all([buildSnippet(), launchBrowser(), startShopPage()]);
});
afterAll(async () => {
  await browser.close();
  await shop.stop();
});
beforeEach(async () => {
  log = new MemoryLog();
  ahead = 0;
  await startCollector();
  shop.options = { store: "shop", url: `http://127.0.0.1:${port}` };
  context = await browser.newContext();
  asked = [];
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.port === String(port)) asked.push(url.pathname);
  });
  page = await context.newPage();
});
afterEach(async () => {
  await context.close();
  await stopCollector();
});

const open = (path = "/", on = page): Promise<unknown> => on.goto(`${shop.url}${path}`);
const tell = (name: string, data: object, on = page): Promise<void> =>
  on.evaluate(([name, data]) => window.tidemark?.(name, data), [name, data] as const);
const product = (sku: string, on = page): Promise<void> => tell("product", { sku }, on);
const stored = (on = page): Promise<string[]> => on.evaluate(() => Object.keys(localStorage));
const of = <T extends EventType>(type: T): EventOf<T>[] =>
  log.events.filter((event): event is EventOf<T> => event.type === type);
const skus = (): string[] => of("product_viewed").map(({ sku }) => sku);
const pages = (): string[] => of("page_viewed").map(({ page }) => page);
const logged = (what: string, is: () => boolean): Promise<true> => eventually(what, async () => is() || null, 20_000);
const sessions = (events: readonly ShopEvent[] = log.events): string[] => [
  ...new Set(events.map(({ session_id, session_started_at }) => `${session_id} ${session_started_at}`)),
];

/** What is left of the log when each event counts once. */
const once = (ids: readonly string[]): string[] => [...new Set(ids)];

describe("a visit", () => {
  test("begins with its start and its first page, with all that the page knows of it", async () => {
    shop.options["customer_id"] = "c-7";
    await open("/lamps?utm_medium=email&utm_campaign=spring");
    await logged("two events", () => log.events.length === 2);
    const [started, viewed] = log.events;
    const { session_id, session_started_at, visitor_id } = started!;
    const common = {
      store: "shop",
      session_id,
      session_started_at,
      visitor_id,
      occurred_at: session_started_at,
      customer_id: "c-7",
      channel: "email",
      campaign: "spring",
      device: "desktop",
      user_agent: await page.evaluate(() => navigator.userAgent),
      test: false,
    };
    expect(started).toMatchObject({ type: "session_started", referrer: null, ...common });
    expect(viewed).toMatchObject({ type: "page_viewed", page: "/lamps", ...common });
    expect(visitor_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("goes on over pages and tabs, and another begins after half an hour", async () => {
    await page.clock.install();
    await open();
    await logged("the first page", () => pages().length === 1);
    await open("/lamps");
    const tab = await context.newPage();
    await open("/chairs", tab);
    await logged("three pages", () => pages().length === 3);
    expect(sessions()).toHaveLength(1);
    expect(of("session_started")).toHaveLength(1);

    ahead = 31 * MINUTE;
    await page.clock.fastForward(31 * MINUTE);
    await product("lamp");
    await logged("a product", () => skus().length === 1);
    expect(sessions()).toHaveLength(2);
    expect(once(log.events.map(({ visitor_id }) => visitor_id!))).toHaveLength(1);
  });

  test("counts a page for each path, by address, push and back, and none for anything else", async () => {
    await open();
    await page.evaluate(() => {
      history.pushState(null, "", "/lamps");
      history.pushState(null, "", "/lamps?page=2");
      history.pushState(null, "", "/lamps#top");
      history.pushState(null, "", "/chairs");
    });
    await page.goBack();
    await logged("four pages", () => pages().length === 4);
    expect(pages()).toEqual(["/", "/lamps", "/chairs", "/lamps"]);
  });

  test("of a device whose clock is wrong is in time, with a start that never changes", async () => {
    for (const wrong of [10 * MINUTE, -10 * MINUTE]) {
      log = new MemoryLog();
      ahead = wrong;
      const visitor = await browser.newContext();
      const tab = await visitor.newPage();
      await open("/", tab);
      await product("a", tab);
      await logged("a product", () => skus().length === 1);
      await open("/lamps", tab);
      await logged("another page", () => pages().length === 2);
      expect(sessions()).toHaveLength(1);
      for (const { occurred_at } of log.events) expect(Math.abs(occurred_at - Date.now() - wrong)).toBeLessThan(5000);
      await visitor.close();
    }
  });
});

test("a visit that a wrong clock began in the future goes on as another, once the collector says so", async () => {
  await page.addInitScript(
    (start) => {
      if (localStorage.getItem("tidemark..shop") !== null) return;
      const session = { session_id: "future", session_started_at: start, channel: "direct", campaign: null };
      localStorage.setItem("tidemark..shop", JSON.stringify({ at: start, session }));
    },
    Date.now() + 10 * MINUTE,
  );
  await open();
  await eventually("it was refused", async () => !(await stored()).includes("tidemark..shop"));
  await product("a");
  await logged("a product", () => skus().length === 1);
  expect(sessions()).toHaveLength(1);
  expect(log.events[0]!.session_id).not.toBe("future");
});

describe("events", () => {
  test("are sent again while the collector is away, over a reload, and each is on the log once", async () => {
    await open();
    await logged("the first page", () => pages().length === 1);
    await stopCollector();
    for (const sku of ["a", "b", "c"]) await product(sku);
    await page.waitForTimeout(1500);
    await page.reload(); // the script is cached
    expect(await stored()).toContainEqual(expect.stringMatching(/^tidemark\.queue\./));
    await product("d");
    await startCollector();
    await logged("all products", () => skus().length >= 4);
    expect(skus()).toEqual(["a", "b", "c", "d"]);
    expect(pages()).toEqual(["/", "/"]);
    expect(sessions()).toHaveLength(1);
    await eventually("nothing is left", async () => (await stored()).every((key) => !key.includes("queue")));
    expect(log.ids()).toEqual(once(log.ids()));
  });

  test("wait while there is no net, and go when there is", async () => {
    await open();
    await logged("the first page", () => pages().length === 1);
    await context.setOffline(true);
    await product("a");
    await page.waitForTimeout(1000);
    await product("b");
    expect(skus()).toEqual([]);
    await context.setOffline(false);
    await logged("both", () => skus().length === 2);
    expect(skus()).toEqual(["a", "b"]);
  });

  test("are not sent before the time that the collector names", async () => {
    await open();
    await logged("the first page", () => pages().length === 1);
    log.up = false;
    await product("a");
    await logged("it was refused", () => log.asked > 1);
    const before = log.asked;
    log.up = true;
    await product("b");
    await page.waitForTimeout(3000);
    expect(log.asked).toBe(before);
    await logged("both", () => skus().length === 2);
  });

  test("that are answered are never sent again, accepted or not", async () => {
    const warned: string[] = [];
    page.on("console", (message) => warned.push(message.text()));
    await open();
    await tell("cart", { sku: "lamp", quantity: 1.5 });
    await product("a");
    await logged("the product", () => skus().length === 1);
    await product("b");
    await logged("another", () => skus().length === 2);
    await eventually("nothing is left", async () => (await stored()).every((key) => !key.includes("queue")));
    expect(of("cart_changed")).toEqual([]);
    expect(warned.filter((text) => text.includes("tidemark"))).toHaveLength(1);
    expect(log.ids()).toEqual(once(log.ids()));
  });

  test("of a page that is left at once are all on the log, though some may come twice", async () => {
    for (const sku of ["a", "b", "c"]) {
      await open(`/${sku}`);
      await eventually("the script is there", () => page.evaluate(() => window.tidemark?.q === undefined));
      await product(sku);
    }
    await page.goto("about:blank");
    await logged("all", () => once(skus()).length === 3);
    expect(once(skus())).toEqual(["a", "b", "c"]);
    expect(once(of("product_viewed").map(({ event_id }) => event_id))).toHaveLength(3);
    expect(sessions()).toHaveLength(1);
  });

  test.each(["is closed", "is put into the background"])("of a page that %s go by beacon, once", async (how) => {
    await page.clock.install();
    await open();
    await logged("the first page", () => pages().length === 1);
    await page.clock.pauseAt(Date.now() + 1000); // from here on no timer of the page fires
    await product("a");
    if (how === "is closed") await page.close({ runBeforeUnload: true });
    else
      await page.evaluate(() => {
        Object.defineProperty(document, "hidden", { value: true });
        document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
        dispatchEvent(new Event("pagehide"));
      });
    await logged("the product", () => skus().length > 0);
    await sleep(300);
    expect(skus()).toEqual(["a"]);
  });

  test("of a tab that died are sent by the next page", async () => {
    await open();
    await logged("the first page", () => pages().length === 1);
    const events = [{ ...log.events[1], event_id: "left", type: "product_viewed", sku: "left" }];
    await page.evaluate(
      (left) => {
        localStorage.setItem("tidemark.queue.dead", left);
        localStorage.setItem("tidemark.queue.broken", "{");
      },
      JSON.stringify({ at: Date.now() - 6 * MINUTE, lost: 2, events }),
    );
    await open("/lamps");
    await logged("what was left", () => skus().includes("left"));
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toContain("tidemark_collector_lost_events_total 2");
    await eventually("nothing is left", async () => (await stored()).every((key) => !key.includes("queue")));
  });

  test("are sent though nothing can be stored", async () => {
    await open();
    await logged("the first page", () => pages().length === 1);
    await page.evaluate(() => {
      for (let size = 1 << 20; size > 0; size >>= 1)
        for (;;)
          try {
            localStorage.setItem("shop", (localStorage.getItem("shop") ?? "") + "x".repeat(size));
          } catch {
            break;
          }
    });
    await product("a");
    await product("b");
    await logged("both", () => skus().length === 2);
    expect(sessions()).toHaveLength(1);
  });
});

describe("a visitor who wants to be left alone", () => {
  const isLeftAlone = async (on: Page): Promise<void> => {
    await eventually("the script is there", () => on.evaluate(() => window.tidemark?.q === undefined));
    await product("a", on);
    await on.evaluate(() => history.pushState(null, "", "/lamps"));
    await on.waitForTimeout(1000);
    await on.close({ runBeforeUnload: true });
    await sleep(300);
    expect(asked.filter((path) => path !== "/tidemark.js")).toEqual([]);
    expect(log.events).toEqual([]);
  };

  test.each(["doNotTrack", "globalPrivacyControl"])("by %s is", async (signal) => {
    const value = signal === "doNotTrack" ? "1" : true;
    await page.addInitScript(
      ([signal, value]) => Object.defineProperty(navigator, signal as string, { value }),
      [signal, value],
    );
    await open();
    expect(await stored()).toEqual([]);
    await isLeftAlone(page);
  });

  test("by consent is, until they consent; and when they take it back, nothing remains", async () => {
    shop.options["consent"] = false;
    await open();
    await product("before");
    expect(await stored()).toEqual([]);
    await tell("init", { ...shop.options, consent: true });
    await product("a");
    await logged("a product", () => skus().length === 1);
    expect(skus()).toEqual(["a"]);
    expect(pages()).toEqual(["/"]);
    expect((await stored()).length).toBeGreaterThan(2);
    await product("b");
    await tell("init", { ...shop.options, consent: false });
    expect(await stored()).toEqual([]);
    log = new MemoryLog();
    asked = [];
    await isLeftAlone(page);
  });

  test("by consent taken back is, even where the browser's storage was full", async () => {
    await open();
    await product("a");
    await logged("a product", () => skus().length === 1);
    await page.evaluate(() => {
      for (let bytes = 1 << 22; bytes > 0; bytes >>= 1)
        try {
          for (;;) localStorage.setItem(`shop.${bytes}.${localStorage.length}`, "x".repeat(bytes));
        } catch {
          // full for this size; a smaller one may fit
        }
    });
    await product("b");
    await logged("two products", () => skus().length === 2);
    await tell("init", { ...shop.options, consent: false });
    expect((await stored()).filter((key) => !key.startsWith("shop."))).toEqual([]);
  });
});

test("a shop's mistake is a warning and breaks nothing", async () => {
  const warned: string[] = [];
  page.on("console", (message) => warned.push(message.text()));
  page.on("pageerror", (error) => warned.push(`thrown: ${error.message}`));
  await open();
  await tell("order", {});
  await tell("no such thing", {});
  await product("a");
  // the second is the collector's answer, which reaches the page after the product reached the log
  await logged("a product and two warnings", () => skus().length === 1 && warned.length >= 2);
  expect(warned).toEqual([expect.stringMatching(/^tidemark order TypeError/), expect.stringMatching(/^tidemark \{/)]);
});
