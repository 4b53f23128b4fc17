// Events as JSON lines in a file: one a line, with the time of arrival.
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import type { EventSink } from "./event-sink.ts";

/** Opens the file anew. */
export function jsonLinesSink(path: string): EventSink {
  const stream = createWriteStream(path);
  const done = finished(stream);
  done.catch(() => undefined); // told to whoever closes
  return {
    async write({ event, at }) {
      const room = stream.write(`${JSON.stringify({ arrived_at: at, ...event })}\n`);
      if (!room) await Promise.race([once(stream, "drain"), done]);
    },
    async flush() {
      if (stream.writableNeedDrain) await Promise.race([once(stream, "drain"), done]);
    },
    async close() {
      stream.end();
      await done;
    },
  };
}
