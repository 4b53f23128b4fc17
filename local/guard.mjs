// See guard.ts. Reads process ids, one a line, a minus before those that have ended; at the end of its input ends those of them that
// still live: kindly, then for good.
import { createInterface } from "node:readline";

const pids = new Set();

/** Sends a signal to all that live; answers how many these are. */
function tell(signal) {
  return [...pids].filter((pid) => {
    try {
      return process.kill(pid, signal);
    } catch {
      return false;
    }
  }).length;
}

createInterface({ input: process.stdin })
  .on("line", (line) => (Number(line) > 0 ? pids.add(Number(line)) : pids.delete(-Number(line))))
  .on("close", () => {
    if (tell("SIGTERM") > 0) setTimeout(() => tell("SIGKILL"), 4000);
  });
