// See guard.ts. Reads process ids, one a line; at the end of its input ends those processes: kindly, then for good.
import { createInterface } from "node:readline";

const pids = [];
const tell = (signal) => {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // it has ended already
    }
  }
};

createInterface({ input: process.stdin })
  .on("line", (line) => pids.push(Number(line)))
  .on("close", () => {
    tell("SIGTERM");
    setTimeout(() => tell("SIGKILL"), 4000);
  });
