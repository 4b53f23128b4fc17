// Where Chromium is, and how it gets there. Plain Node, so that it runs before anything is installed.
import { existsSync } from "node:fs";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/**
 * Path of Chromium, or null.
 * @param {typeof import("node:child_process").execFileSync} execFileSync
 * @returns {string | null}
 */
export function findChromium(execFileSync) {
  const named = process.env["CHROMIUM_PATH"];
  if (named !== undefined && existsSync(named)) return named;
  for (const name of NAMES) {
    try {
      return execFileSync("which", [name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {
      // not this one
    }
  }
  return null;
}

/**
 * Installs Debian's Chromium where it is missing and this process may. Throws an error that says how otherwise.
 * @param {typeof import("node:child_process").execFileSync} execFileSync
 */
export function ensureChromium(execFileSync) {
  if (findChromium(execFileSync) !== null) return;
  const mayInstall = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (!mayInstall)
    throw new Error(
      "The end-to-end tests need Chromium. Install it (on Debian: sudo apt-get install chromium) or set CHROMIUM_PATH to one.",
    );
  console.log("installing Debian's Chromium");
  const quiet = { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  execFileSync("apt-get", ["update", "-qq"], quiet);
  execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], quiet);
}
