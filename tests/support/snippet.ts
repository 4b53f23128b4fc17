// The snippet as it is built.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { ROOT } from "../../local/paths.ts";

/** Builds dist/web/tidemark.js. */
export async function buildSnippet(): Promise<string> {
  await build({ root: ROOT, configFile: join(ROOT, "vite.web.config.ts"), logLevel: "warn" });
  return readFileSync(join(ROOT, "dist/web/tidemark.js"), "utf8");
}
