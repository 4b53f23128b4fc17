// See guard.ts. Reads process ids, one a line; at the end of its input ends those of them that still live: kindly, then for good.
import { createInterface } from "node:readline";

const pids = [];

/** Sends a signal to all that live; answers how many these are. */
function tell(signal) {
  return pids.filter((pid) => {
    try {
      return process.kill(pid, signal);
    } catch {
      return false;
    }
  }).length;
}

createInterface({ input: process.stdin })
  .on("line", (line) => pids.push(Number(line)))
  .on("close", () => {
    if (tell("SIGTERM") > 0) setTimeout(() => tell("SIGKILL"), 4000);
  });
