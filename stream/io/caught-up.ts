// Waiting until a worker has folded and stored what its topic holds, with progress once a second: for replays.
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../../runtime/log.ts";
import type { Worker } from "./worker.ts";

const LOOK_MS = 250;
const TELL_MS = 1000;

/** Resolves when every partition is stored up to its log's end, or when told to stop. */
export async function caughtUp(worker: Worker, log: Logger, stopping: AbortSignal): Promise<void> {
  const startedAt = Date.now();
  let firstDone: number | null = null;
  let toldAt = 0;
  while (!stopping.aborted) {
    const { owned } = worker;
    const { done, total } = sum(owned.map(({ progress }) => progress));
    const now = Date.now();
    firstDone ??= owned.length > 0 ? done : null;
    const perSecond = ((done - (firstDone ?? 0)) / Math.max(1, now - startedAt)) * 1000;
    const ended = worker.complete && owned.every(({ storedPosition, logEnd }) => storedPosition >= logEnd);
    if (now - toldAt >= TELL_MS || ended) {
      const secondsLeft = perSecond > 0 ? (total - done) / perSecond : null;
      log.info({ progress: { done, total, perSecond: Math.round(perSecond), secondsLeft } }, "folding");
      toldAt = now;
    }
    if (ended) {
      const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
      const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6 - worker.cpuAtFirstRecord;
      const seconds = (worker.lastStoredAt - worker.firstRecordAt) / 1000;
      const summary = { records: worker.folded, seconds, cpuSeconds, peakMb: Math.round(maxRSS / 1024) };
      log.info({ summary }, "everything is folded and stored");
      return;
    }
    await sleep(LOOK_MS);
  }
}

const sum = (all: { done: number; total: number }[]): { done: number; total: number } => ({
  done: all.reduce((total, { done }) => total + done, 0),
  total: all.reduce((sum, { total }) => sum + total, 0),
});
