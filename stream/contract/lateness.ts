// Time limits of the fold, in event time (ms). The fold and everyone who judges its figures use the same ones.

/** The watermark trails the greatest occurred_at by this much. */
export const LATENESS_MS = 10_000;
/** A session stays in memory until it is this far behind the watermark. */
export const SESSION_MEMORY_MS = 30 * 60_000;
/** So do panes, by their start and width in seconds: at least as long as a live session may still change its first one. */
export const PANE_MEMORY_MS = { 60: 4 * 3600_000, 1: 3600_000 } as const;
/** 1 s panes are made only for events not older than this when Kafka got them. */
export const SECONDS_KEPT_MS = 3 * 24 * 3600_000;
/** Panes older than this when Kafka got the event are not published: gateways read them from storage. */
export const PUBLISHED_MS = 48 * 3600_000;
/** A pane has settled when the watermark has passed its end by this much: until then conversion is provisional; what changes it afterwards is a revision. */
export const SETTLES_AFTER_MS = 60 * 60_000;
/** A session counts as a visitor now for this long after an event. */
export const VISITOR_MS = 5 * 60_000;
/** So many days of exchange rates are kept, by their day. An order in a foreign currency that comes later than that has no rate. */
export const RATE_DAYS_KEPT = 40;
