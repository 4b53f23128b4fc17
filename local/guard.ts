// Should this process be killed outright, its children must not live on: a small process of its own reads the ids of what was
// started from its standard input, and when that ends, because the writer has, it ends them.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./paths.ts";

export interface Guard {
  readonly watch: (pid: number) => void;
  /** It has ended: its id may soon be another's. */
  readonly forget: (pid: number) => void;
}

/** Starts the guard. It ends with this process; after a proper stop there is nothing left for it to do. */
export function startGuard(): Guard {
  const child = spawn(process.execPath, [join(ROOT, "local/guard.mjs")], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.unref();
  const pipe = child.stdin as typeof child.stdin & { unref?: () => void };
  pipe.unref?.();
  pipe.on("error", () => undefined);
  return { watch: (pid) => void pipe.write(`${pid}\n`), forget: (pid) => void pipe.write(`-${pid}\n`) };
}
