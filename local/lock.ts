import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../runtime/local-run.ts";

/**
 * Takes a folder for this process alone; answers what gives it back. Throws where a living process has it; the lock of a dead
 * one is taken over.
 */
export function lockFolder(folder: string, what: string): () => void {
  const file = join(folder, `${what}.pid`);
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const pid = Number(readFileSync(file, "utf8"));
    if (pid !== process.pid && isAlive(pid)) throw new Error(`${folder} is used by another ${what}, process ${pid}`);
    rmSync(file, { force: true });
  }
}
