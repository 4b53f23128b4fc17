// What each topic must be, whoever creates it first.

/** The largest record that is read as an event, in bytes; a larger one is a dead letter. */
export const MAX_EVENT_BYTES = 1024 * 1024;

const days = (n: number): string => String(n * 24 * 3600 * 1000);

/** Topic settings by role, as Kafka names them. */
export const TOPIC_SETTINGS = {
  events: {
    "message.timestamp.type": "LogAppendTime",
    "retention.ms": "-1", // as long as replays should reach
    "max.message.bytes": String(4 * MAX_EVENT_BYTES), // so that an oversized record can be seen and named
  },
  deadLetters: { "retention.ms": days(30), "max.message.bytes": String(8 * MAX_EVENT_BYTES) },
  panes: { "retention.ms": days(0.25), "segment.ms": String(3600 * 1000) },
} as const satisfies Record<string, Record<string, string>>;

export type TopicRole = keyof typeof TOPIC_SETTINGS;
