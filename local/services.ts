// The processes of a whole system on one machine, in the order in which they start; they stop in the opposite order.
import { existsSync, readdirSync, statSync } from "node:fs";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { startChild, untilReady, type Child, type ChildOptions } from "./child.ts";
import { LOGS, ROOT } from "./paths.ts";

/** Young objects die young in the fold: a larger nursery halves the time spent on collecting them. */
const NODE_ARGS = ["--max-semi-space-size=64", "--import", "tsx"];

/** Runs one of our programs. */
export function startProgram(
  name: string,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  onOutput?: (text: string) => void,
): Child {
  const options: ChildOptions = {
    name,
    command: process.execPath,
    args: [...NODE_ARGS, join(ROOT, file), ...args],
    cwd: ROOT,
    env,
    log: join(LOGS, `${name.replaceAll(" ", "-")}.log`),
  };
  return startChild(onOutput ? { ...options, onOutput } : options);
}

/** Resolves when GET /healthz of that port answers well. */
export function healthy(child: Child, port: number): Promise<void> {
  return untilReady(child, async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok, 60_000);
}

/** Builds the ui where its build is missing or older than its sources. True: it was built. */
export async function ensureUi(): Promise<boolean> {
  const built = join(ROOT, "dist/ui/index.html");
  const sources = ["ui", "stream/contract", "gateway/contract", "vite.config.ts", "package-lock.json"];
  const newest = Math.max(...sources.map((path) => newestChange(join(ROOT, path))));
  if (existsSync(built) && statSync(built).mtimeMs >= newest) return false;
  await promisify(execFile)(join(ROOT, "node_modules/.bin/vite"), ["build", "--logLevel", "warn"], { cwd: ROOT });
  return true;
}

function newestChange(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}
