import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { RUN_FILE, type LocalRun } from "../runtime/local-run.ts";

/** Tells the other commands of this checkout what runs. */
export function writeRun(run: LocalRun): void {
  mkdirSync(dirname(RUN_FILE), { recursive: true });
  writeFileSync(RUN_FILE, `${JSON.stringify(run, null, 2)}\n`);
}

export function removeRun(): void {
  rmSync(RUN_FILE, { force: true });
}
