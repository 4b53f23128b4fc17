// What runs in this checkout: one small file with the process id and the addresses, so that a second start sees it and other
// commands find it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "./lock.ts";
import { HOME } from "./paths.ts";

const FILE = join(HOME, "run.json");

export interface Run {
  readonly pid: number;
  /** Address of the wall; null: only the stack runs. */
  readonly url: string | null;
  /** Settings under which the running stack is reached. */
  readonly env: Readonly<Record<string, string>>;
}

/** What runs now; null: nothing. The file of a dead process counts for nothing. */
export function currentRun(): Run | null {
  try {
    const run = JSON.parse(readFileSync(FILE, "utf8")) as Run;
    return isAlive(run.pid) ? run : null;
  } catch {
    return null;
  }
}

export function writeRun(run: Run): void {
  mkdirSync(HOME, { recursive: true });
  writeFileSync(FILE, `${JSON.stringify(run, null, 2)}\n`);
}

export function removeRun(): void {
  rmSync(FILE, { force: true });
}
