// What every command does the same way: --help with the settings, one clear error, a graceful stop.
import { Command } from "commander";
import { readConfig, settingRows, ConfigError, type Config } from "./config.ts";
import { withCure } from "./cure.ts";
import { currentRun } from "./local-run.ts";
import { createLogger, type Logger } from "./log.ts";

/** What whoever runs a command can mend: it is told as one line, without a stack. */
export class Mistake extends Error {}

export interface Running {
  readonly config: Config;
  readonly log: Logger;
  /** Called once, last registered first, on SIGINT, SIGTERM or a fatal error. */
  readonly onStop: (what: string, stop: () => Promise<void> | void) => void;
  /** Aborted when the process has been asked to stop. */
  readonly stopping: AbortSignal;
  /** Ends the process with an error that says the cure. */
  readonly fail: (error: unknown) => void;
}

/** A commander command whose --help ends with the table of settings. */
export function command(name: string, about: string): Command {
  return new Command(name)
    .description(about)
    .showHelpAfterError("(run with --help for the options)")
    .addHelpText("after", `\nSettings, read from the environment:\n${settingsText()}`);
}

function settingsText(): string {
  const rows = settingRows();
  const width = Math.max(...rows.map((row) => row.name.length));
  return rows
    .map((row) => `  ${row.name.padEnd(width)}  ${row.about}${row.fallback === "" ? "" : ` [${row.fallback}]`}`)
    .join("\n");
}

const STOP_WITHIN_MS = 4000;

/**
 * Runs a process until its work ends or it is told to stop. `quiet`: a command whose output is its answer; it logs nothing, and
 * an error is a line on standard error.
 */
export async function runProcess(
  part: string,
  work: (running: Running) => Promise<void>,
  { quiet = false }: { quiet?: boolean } = {},
): Promise<void> {
  let config: Config;
  try {
    config = readConfig({ ...currentRun()?.env, ...process.env });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
    return;
  }
  const log = createLogger(part, quiet ? "silent" : config.LOG_LEVEL);
  const stops: { what: string; stop: () => Promise<void> | void }[] = [];
  const controller = new AbortController();
  let ending: Promise<void> | null = null;

  const end = (code: number): Promise<void> => {
    ending ??= (async () => {
      controller.abort();
      const deadline = setTimeout(() => {
        log.error("did not stop in time; leaving");
        process.exit(code || 1);
      }, STOP_WITHIN_MS);
      deadline.unref();
      for (const { what, stop } of stops.toReversed()) {
        try {
          await stop();
        } catch (error) {
          log.warn({ err: error }, `stopping ${what} failed`);
        }
      }
      log.info("stopped");
      process.exit(code);
    })();
    return ending;
  };
  const fail = (error: unknown): void => {
    const message = withCure(error, config);
    if (quiet || error instanceof Mistake) process.stderr.write(`${message}\n`);
    else log.fatal({ err: error }, message);
    void end(1);
  };
  process.on("SIGINT", () => void end(0));
  process.on("SIGTERM", () => void end(0));
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);

  try {
    await work({ config, log, stopping: controller.signal, fail, onStop: (what, stop) => stops.push({ what, stop }) });
    await end(0);
  } catch (error) {
    fail(error);
  }
}

/** Resolves when the process is asked to stop: the last line of a process that serves. */
export function untilStopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
