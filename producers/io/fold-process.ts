// The stream worker as a child: folds a replayed topic to its end, and ends.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What of the worker's log lines is of interest here (pino). */
const lineSchema = z.object({
  level: z.number(),
  msg: z.string().default(""),
  progress: z.object({ done: z.number(), total: z.number() }).optional(),
});

const WARN = 40;

export interface Fold {
  /** Resolves when the worker has folded everything. Rejects if it could not. */
  readonly done: Promise<void>;
  stop(): void;
}

export interface FoldOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly onProgress: (done: number, total: number) => void;
  /** A line that somebody should read. */
  readonly onTrouble: (line: string) => void;
}

export function startFold({ environment, onProgress, onTrouble }: FoldOptions): Fold {
  const child = spawn(process.execPath, ["--import", "tsx", "stream/main.ts", "--until-caught-up"], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = lineSchema.safeParse(parseJson(text));
    if (!line.success) return;
    if (line.data.progress !== undefined) onProgress(line.data.progress.done, line.data.progress.total);
    if (line.data.level >= WARN) onTrouble(line.data.msg);
  });
  createInterface({ input: child.stderr }).on("line", onTrouble);
  const done = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (code === 0) resolve();
      else
        reject(new Error(`The stream worker ended with ${signal ?? `code ${code}`} before it had folded everything.`));
    });
  });
  return { done, stop: () => void child.kill("SIGTERM") };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
