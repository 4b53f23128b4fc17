// Where the stack that runs in this checkout is reached (npm start, npm run stack), so that every command finds it by itself.
import { readFileSync } from "node:fs";
import type { SettingName } from "./config.ts";

const FILE = new URL("../.tidemark/run.json", import.meta.url);

/** Settings of the running local stack; empty where none runs. The environment goes before them. */
export function localAddresses(): Partial<Record<SettingName, string>> {
  try {
    const run = JSON.parse(readFileSync(FILE, "utf8")) as { pid: number; env: Partial<Record<SettingName, string>> };
    process.kill(run.pid, 0);
    return run.env;
  } catch {
    return {};
  }
}
