// The wall in every state it has, by a gateway that follows a script.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { WallState } from "../../gateway/contract/wall.ts";
import { eventually } from "../support/world.ts";
import { absent, corrected, empty, enormous, LIVE, ordinary } from "./scripted-figures.ts";
import { asUsual, closePages, cutTexts, faultsOf, openPages, type Pages } from "./scripted-pages.ts";

const TEXT_BOXES = ".strip, .cell, .tile-head, .tile-body, .panel-words";
let pages: Pages;

beforeAll(async () => {
  pages = await openPages(1920, 1080);
});
beforeEach(() => asUsual(pages));
afterAll(() => closePages(pages));

const open = (query = ""): Promise<unknown> => pages.page.goto(`${pages.gateway.url}/wall${query}`);
const condition = async (is: string): Promise<void> => {
  await pages.page.locator(`.wall[data-condition=${is}]`).waitFor({ timeout: 60_000 });
};
const textOf = (selector: string): Promise<string> => pages.page.locator(selector).innerText();

type Made = (now: number) => WallState;
const stale: Made = (now) => ordinary(now, { ...LIVE, state: "stale", freshAt: now - 48_000 });
const behind: Made = (now) => ordinary(now, { ...LIVE, state: "behind", freshAt: now - 93_000 });
const silent: Made = (now) => ordinary(now, { ...LIVE, silentFor: 16 * 60_000 });

const STATES: [name: string, is: string, state: Made | null][] = [
  ["an ordinary afternoon", "live", ordinary],
  ["few sessions", "live", (now) => absent(now, "n-too-small")],
  ["no session data", "live", (now) => absent(now, "no-sessions")],
  ["nothing known", "live", (now) => absent(now, "no-data")],
  ["an empty morning", "live", empty],
  ["enormous figures", "live", enormous],
  ["an afternoon that was corrected", "live", corrected],
  ["a dead stream", "stale", stale],
  ["a stream that lags", "behind", behind],
  ["a shop that is silent", "silent", silent],
  ["the first moment", "loading", null],
];

test.each(STATES)("%s: no text leaves its box and axe finds nothing, dark or light", async (_, is, state) => {
  pages.gateway.script.state = state;
  for (const theme of ["dark", "light"]) {
    await open(`?theme=${theme}`);
    await condition(is);
    expect(await cutTexts(pages.page, TEXT_BOXES), theme).toEqual([]);
    expect(await faultsOf(pages.page), theme).toEqual([]);
  }
});

test("fewer than 100 sessions are shown as counts, never as a rate", async () => {
  pages.gateway.script.state = (now) => absent(now, "n-too-small");
  await open();
  await condition("live");
  expect(await textOf("[data-tile=conversion]")).toMatch(/n too small\s+3 of 71 sessions that started/);
  expect(await textOf("[data-tile=conversion_live]")).toMatch(/n too small\s+3 of 71/);
  expect(await textOf("[data-tile=conversion]")).not.toContain("%");
});

test("orders without session data say so, instead of a rate of nothing", async () => {
  pages.gateway.script.state = (now) => absent(now, "no-sessions");
  await open();
  await condition("live");
  expect(await textOf("[data-tile=conversion] .value")).toBe("no sessions");
});

test("a valid zero is shown as one, and since when", async () => {
  pages.gateway.script.state = empty;
  await open();
  await condition("live");
  expect(await textOf("[data-tile=revenue_today] .value")).toBe("£0");
  expect(await textOf("[data-tile=orders_per_min]")).toMatch(/0\.0\s+no orders since \d\d:\d\d/);
});

test("a revised minute is marked, said aloud, and explained with what it did to sales", async () => {
  pages.gateway.script.state = (now) => corrected(now, [70, 94]);
  await open();
  await condition("live");
  const said = (tile: string): Promise<string[]> =>
    pages.page.locator(`[data-tile=${tile}] .visually-hidden`).allTextContents();
  expect((await said("conversion")).join()).toMatch(
    /\d\d:\d\d revised, sales unchanged, 2 records; \d\d:\d\d revised \u2212£312\.00, 1 record/,
  );
  expect((await said("visitors_now")).join()).not.toContain("revised");
  await pages.page.locator("[data-tile=conversion]").click();
  expect(await textOf(".explain")).toMatch(
    /Revised\s+\d\d:\d\d revised, sales unchanged, 2 records\s+\d\d:\d\d revised/,
  );
});

test("what is old is not judged: no delta keeps its colour", async () => {
  const colours = (): Promise<string[]> =>
    pages.page
      .locator(".delta")
      .evaluateAll((all) => [...new Set(all.map((delta) => getComputedStyle(delta).color))].sort());
  await open();
  await condition("live");
  expect(await colours()).toHaveLength(3); // better, worse, noise
  pages.gateway.script.state = stale;
  await condition("stale");
  expect(await colours()).toHaveLength(1);
});

test("socket down, stream behind and source silent are told apart", async () => {
  pages.gateway.script.state = behind;
  await open();
  await condition("behind");
  expect(await textOf(".strip")).toContain("catching up");
  pages.gateway.script.state = (now) => ordinary(now, { ...LIVE, watermark: now - 95_000 });
  await eventually("old events are named", async () => (await textOf(".strip")).includes("The newest events are 1:3"));
  pages.gateway.script.state = silent;
  await condition("silent");
  expect(await textOf(".strip")).toMatch(/the shop has sent nothing for 16/);
  expect(await textOf(".pill")).toContain("LIVE");
});

test("a connection that is open but says nothing is given up, and made anew", async () => {
  await open();
  await condition("live");
  const before = pages.gateway.snapshots();
  pages.gateway.script.beating = false;
  await condition("disconnected");
  expect(await textOf(".strip.is-cut")).toMatch(/No heartbeat for \d+/);
  expect(await textOf("[data-tile=revenue_today] .value")).toBe("£41,386");
  expect(await cutTexts(pages.page, TEXT_BOXES)).toEqual([]);
  expect(await faultsOf(pages.page)).toEqual([]);
  await eventually("it connected anew", async () => pages.gateway.snapshots() > before);
  pages.gateway.script.beating = true;
  await condition("live");
});

test("a gateway that goes away is tried again until it is back, and a new snapshot is taken", async () => {
  await open();
  await condition("live");
  const before = pages.gateway.snapshots();
  await pages.gateway.stop();
  await condition("disconnected");
  expect(await textOf(".strip.is-cut")).toMatch(/Attempt \d+, (next in|trying)/);
  await pages.gateway.start();
  await condition("live");
  expect(pages.gateway.snapshots()).toBe(before + 1);
});

test("a refusal is shown in the gateway's words, and asked again", async () => {
  pages.gateway.script.refusal = { ok: false, code: "unknown-store", message: 'There is no store "x".' };
  await open("?store=x");
  await condition("error");
  expect(await textOf(".strip")).toContain('There is no store "x".');
  expect(await faultsOf(pages.page)).toEqual([]);
  pages.gateway.script.refusal = null;
  await condition("live");
});

test("a push that leaves a gap makes the screen ask for a snapshot", async () => {
  pages.gateway.script.pushing = false;
  await open();
  await condition("live");
  const before = pages.gateway.snapshots();
  pages.gateway.push(ordinary(Date.now()));
  const later = ordinary(Date.now() + 3 * 3_600_000);
  const tail = Object.entries(later.series).map(([id, { start, now, ghost, ...rest }]) => [
    id,
    { start: start.slice(-5), now: now.slice(-5), ghost: ghost.slice(-5), ...rest },
  ]);
  pages.gateway.push({ ...later, series: Object.fromEntries(tail) });
  await eventually("a snapshot was asked for", async () => pages.gateway.snapshots() > before);
  expect(pages.gateway.snapshots()).toBe(before + 1);
});

test("keys change the theme, explain a number and help", async () => {
  await open();
  await condition("live");
  const theme = (): Promise<string | null> => pages.page.locator("html").getAttribute("data-theme");
  expect(await theme()).toBe("dark");
  await pages.page.keyboard.press("t");
  expect(await theme()).toBe("light");
  await pages.page.locator("[data-tile=conversion]").focus();
  await pages.page.keyboard.press("Enter");
  const words = await textOf("dialog");
  for (const part of ["both at the session's start", "571", "23,792", "2.21–2.60", "8 of 8 partitions"])
    expect(words).toContain(part);
  expect(await faultsOf(pages.page)).toEqual([]);
  await pages.page.keyboard.press("Escape");
  await pages.page.keyboard.press("?");
  expect(await textOf("dialog")).toContain("full screen");
});

test("a key pressed in the moment when an explanation appears, or goes, is not lost", async () => {
  await open();
  await condition("live");
  const opened = await pages.page.evaluate(async () => {
    const appeared = new Promise<boolean>((resolve) => {
      const seen = (): void => {
        const dialog = document.querySelector("dialog");
        if (dialog) resolve(dialog.open);
      };
      new MutationObserver(seen).observe(document.body, { childList: true, subtree: true });
    });
    document.querySelector<HTMLElement>("[data-tile=aov]")!.click();
    return appeared;
  });
  expect(opened).toBe(true);
  await pages.page.evaluate(() => {
    document.querySelector("dialog")!.close();
    dispatchEvent(new KeyboardEvent("keydown", { key: "?" }));
  });
  await eventually("the help alone is open", async () => (await textOf("dialog")).includes("full screen"));
  await pages.page.keyboard.press("Escape");
  await eventually("nothing is open", async () => (await pages.page.locator("dialog").count()) === 0);
});

test.each([
  [1280, 720],
  [3840, 2160],
  [1600, 1200],
])("the whole canvas is in view on a screen of %i × %i", async (width, height) => {
  await pages.page.setViewportSize({ width, height });
  await open();
  await condition("live");
  const box = await pages.page.locator(".canvas").boundingBox();
  const scale = Math.min(width / 1920, height / 1080);
  expect(box).toEqual({
    x: expect.closeTo((width - 1920 * scale) / 2, 0) as number,
    y: expect.closeTo((height - 1080 * scale) / 2, 0) as number,
    width: expect.closeTo(1920 * scale, 0) as number,
    height: expect.closeTo(1080 * scale, 0) as number,
  });
});
