// What the tests of the pages share: a scripted gateway with a browser before it, and what is true of every page in every state.
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../support/browser.ts";
import { accounts, MONTHS } from "./scripted-accounts.ts";
import { ordinary, UK } from "./scripted-figures.ts";
import { startScriptedGateway, type Script, type ScriptedGateway } from "./scripted-gateway.ts";

export interface Pages {
  readonly gateway: ScriptedGateway;
  readonly browser: Browser;
  readonly page: Page;
}

const ORDINARY: Script = {
  stores: [UK],
  state: ordinary,
  refusal: null,
  beating: true,
  pushing: true,
  status: accounts,
  months: MONTHS,
};

/** Puts the script back to an ordinary afternoon. */
export const asUsual = ({ gateway }: Pages): void => void Object.assign(gateway.script, ORDINARY);

export async function openPages(width: number, height: number): Promise<Pages> {
  const gateway = await startScriptedGateway({ ...ORDINARY }, "dist/ui");
  const browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width, height }, bypassCSP: true }); // axe is put in
  return { gateway, browser, page };
}

export async function closePages({ gateway, browser }: Pages): Promise<void> {
  await browser.close();
  await gateway.stop();
}

interface Axe {
  readonly run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
}

/** What axe finds on the page as it is. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: "node_modules/axe-core/axe.min.js" });
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: Axe };
    return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`);
  });
}

/** Text that is wider than the box it stands in. */
export const cutTexts = (page: Page, boxes: string): Promise<string[]> =>
  page
    .locator(boxes)
    .evaluateAll((all) =>
      all
        .filter((box) => box.scrollWidth > box.clientWidth + 1)
        .map((box) => `${box.className}: ${(box as HTMLElement).innerText}`),
    );
