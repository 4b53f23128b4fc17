// Things that go wrong in a shop, as part of the model's input: what happened when is told, the rest follows.
// An incident touches only what occurs at or after its start, so it can be added to a simulation that is under way.

export const INCIDENTS = {
  "payment-outage": "every payment fails",
  "traffic-spike": "four times the usual number of sessions start",
  "checkout-broken": "nobody gets past the checkout; with a channel, only sessions from there",
  "duplicate-storm": "every event is sent two to four times",
  "late-burst": "nothing arrives until the end, then everything at once",
  silence: "nothing happens and nothing arrives",
} as const;

export type IncidentKind = keyof typeof INCIDENTS;

export interface Incident {
  readonly kind: IncidentKind;
  /** [from, to), ms UTC, by the time at which things occur. */
  readonly from: number;
  readonly to: number;
  /** Only sessions from this channel. */
  readonly channel?: string | undefined;
}

/** How many times more sessions start in a spike. */
export const SPIKE_FACTOR = 4;

/** The incident of this kind that is on at that time for that channel, if any. */
export function incidentAt(
  incidents: readonly Incident[],
  kind: IncidentKind,
  ms: number,
  channel: string,
): Incident | undefined {
  return incidents.find(
    (incident) =>
      incident.kind === kind &&
      incident.from <= ms &&
      ms < incident.to &&
      (incident.channel === undefined || incident.channel === channel),
  );
}
