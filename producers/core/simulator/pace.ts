// Up to which event time a simulation may have come at a moment of the wall clock.

export type Pace =
  /** As fast as possible. */
  | { readonly kind: "unpaced" }
  /** Event time is the wall clock's; what is past is caught up with as fast as possible. */
  | { readonly kind: "follow" }
  /** Event time runs `times` as fast as the wall clock, `from` being when the latter showed `startedAt`. */
  | { readonly kind: "scaled"; readonly times: number; readonly from: number; readonly startedAt: number };

/** All in ms since 1970 UTC. */
export function eventTime(pace: Pace, now: number): number {
  switch (pace.kind) {
    case "unpaced":
      return Infinity;
    case "follow":
      return now;
    case "scaled":
      return pace.from + (now - pace.startedAt) * pace.times;
    default:
      return pace satisfies never;
  }
}
