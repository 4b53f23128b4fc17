// The stack that runs in this checkout (npm start, npm run stack): one small file with its process id and the addresses under
// which it is reached, so that a second start sees it and every other command finds it by itself.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { SettingName } from "./config.ts";

export const RUN_FILE = fileURLToPath(new URL("../.tidemark/run.json", import.meta.url));

export interface LocalRun {
  readonly pid: number;
  /** Address of the wall; null: only the stack runs. */
  readonly url: string | null;
  /** Settings under which the running stack is reached. */
  readonly env: Readonly<Partial<Record<SettingName, string>>>;
}

/** Is there a process with this id? */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** What runs now; null: nothing. The file of a dead process counts for nothing. */
export function currentRun(): LocalRun | null {
  try {
    const run = JSON.parse(readFileSync(RUN_FILE, "utf8")) as LocalRun;
    return isAlive(run.pid) ? run : null;
  } catch {
    return null;
  }
}
