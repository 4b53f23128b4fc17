// A real Chromium, headless.
import { execFileSync } from "node:child_process";
import { chromium, type Browser } from "playwright-core";
import { findChromium } from "./chromium.mjs";

/** Starts a browser with an empty profile of its own. The caller closes it. `more`: arguments for the browser. */
export function launchBrowser(...more: readonly string[]): Promise<Browser> {
  const executablePath = findChromium(execFileSync);
  if (executablePath === null) throw new Error("Chromium was not found: run npm test, or set CHROMIUM_PATH");
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-quic",
      ...more,
    ],
  });
}
