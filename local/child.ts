// A child process: started, waited for, and stopped by its id alone. It has a process group of its own, so that a Ctrl-C reaches
// only its parent, which then stops its children in their order.
import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startGuard, type Guard } from "./guard.ts";

export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly log: string;
  readonly process: ChildProcess;
  /** Resolves with the exit code when it ends, for whatever reason. */
  readonly ended: Promise<number>;
  /** SIGTERM, and SIGKILL where that has not helped within `ms`. */
  readonly stop: (ms?: number) => Promise<void>;
  /** The last lines of its log. */
  readonly tail: (lines?: number) => string;
}

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** File that its output is written to, anew with each start. */
  readonly log: string;
  /** Each piece of standard output, as text. */
  readonly onOutput?: (text: string) => void;
}

const running = new Set<ChildProcess>();
let guard: Guard | null = null;
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

export function startChild(options: ChildOptions): Child {
  const { name, command, args, env, cwd, log, onOutput } = options;
  mkdirSync(dirname(log), { recursive: true });
  const file = createWriteStream(log);
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  running.add(child);
  const { pid } = child;
  if (pid !== undefined) (guard ??= startGuard()).watch(pid);
  child.stdout.on("data", (chunk: Buffer) => {
    file.write(chunk);
    onOutput?.(chunk.toString());
  });
  child.stderr.on("data", (chunk: Buffer) => file.write(chunk));
  const ended = new Promise<number>((resolve) => {
    child.on("exit", (code, signal) => {
      running.delete(child);
      if (pid !== undefined) guard?.forget(pid);
      file.end();
      resolve(code ?? (signal === "SIGTERM" ? 0 : 1));
    });
    child.on("error", (error) => {
      running.delete(child);
      file.end(`${error.message}\n`);
      resolve(127);
    });
  });
  return {
    name,
    pid: pid ?? -1,
    log,
    process: child,
    ended,
    stop: async (ms = 4000) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const hard = setTimeout(() => child.kill("SIGKILL"), ms);
      await ended;
      clearTimeout(hard);
    },
    tail: (lines = 15) => readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines).join("\n"),
  };
}

/** Waits until `ready` says true. Throws with the end of its log where the child ends first or `ms` pass. */
export async function untilReady(child: Child, ready: () => Promise<boolean>, ms: number): Promise<void> {
  const deadline = Date.now() + ms;
  let ended = false;
  void child.ended.then(() => (ended = true));
  while (!(await ready().catch(() => false))) {
    if (ended)
      throw new Error(`The ${child.name} ended at its start. The end of its log (${child.log}):\n${child.tail()}`);
    if (Date.now() > deadline)
      throw new Error(
        `The ${child.name} was not ready within ${ms / 1000} s. The end of its log (${child.log}):\n${child.tail()}`,
      );
    await sleep(100);
  }
}
