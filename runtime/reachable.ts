// What a process that serves for weeks does at its start while Kafka or ClickHouse is away: it says so once, and waits.
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "./config.ts";
import { isAway, withCure } from "./cure.ts";
import type { Logger } from "./log.ts";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;

interface Waiting {
  readonly config: Config;
  readonly log: Logger;
  readonly stopping: AbortSignal;
}

/** What `attempt` resolves with, as soon as somebody answers it. Errors that waiting does not cure are thrown. */
export async function whenReachable<T>({ config, log, stopping }: Waiting, attempt: () => Promise<T>): Promise<T> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (stopping.aborted || !isAway(error)) throw error;
      if (wait === FIRST_WAIT_MS) log.warn({ err: error }, `${withCure(error, config)} Waiting for it`);
      await sleep(wait);
    }
  }
}
