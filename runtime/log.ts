// Structured logs: JSON lines for machines, colours for a person at a terminal.
import { pino, type Logger } from "pino";
import pretty from "pino-pretty";

export type { Logger };

/** A logger for one process. `part` names it in every line. */
export function createLogger(part: string, level: string): Logger {
  const options = { name: part, level, base: { part } };
  return process.stdout.isTTY
    ? pino(options, pretty({ ignore: "pid,hostname,part,name", messageFormat: `{part}: {msg}` }))
    : pino(options, pino.destination({ dest: 1, sync: false, minLength: 0 }));
}
