// The npm packages, for the two commands that begin on a fresh clone, where nothing but Node is there.
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Arguments for npm. Not ci: some registries lack the packages of other platforms, which ci insists on and nobody here needs. */
export const INSTALL = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];

/** They are there, and not older than what package-lock.json names. */
export function packagesInstalled() {
  const installed = join(ROOT, "node_modules/.package-lock.json");
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(ROOT, "package-lock.json")).mtimeMs;
}
