// The part of an event that is the same throughout a session, and ids that never repeat.
import type { Common } from "../../contract/events.ts";
import { countryAsSent, segmentAsSent } from "./dirt.ts";
import type { Random } from "./random.ts";
import type { Shop } from "./shop.ts";
import type { Visit } from "./visits.ts";

/** Makes the common part of each next event of one session. */
export class Voice {
  readonly sessionId: string;
  readonly customerId: string | null;
  readonly #fixed: Omit<Common, "event_id" | "occurred_at" | "customer_id">;
  #signedIn: boolean;
  #count = 0;

  constructor(shop: Shop, visit: Visit, random: Random) {
    const seed = shop.seed.toString(36);
    this.sessionId = `s-${seed}-${visit.key}`;
    this.customerId = visit.customer === null ? null : `c-${seed}-${visit.customer.key}`;
    this.#signedIn = !visit.first;
    this.#fixed = {
      store: shop.store,
      session_id: this.sessionId,
      session_started_at: visit.startedAt,
      visitor_id: `v-${seed}-${visit.person.key}`,
      channel: visit.channel.name,
      campaign: visit.channel.campaigns.length === 0 ? null : random.pick(visit.channel.campaigns),
      country: countryAsSent(random, visit.person.place.country),
      region: visit.person.place.region,
      device: visit.device.name,
      segment: segmentAsSent(random, visit.first ? "New" : visit.customer === null ? "Visitor" : visit.person.segment),
      user_agent: random.pick(visit.device.userAgents),
      test: visit.purpose === "test",
    };
  }

  /** A new customer has a name from the order on. */
  signIn(): void {
    this.#signedIn = true;
  }

  at(occurredAt: number): Common {
    return {
      event_id: `${this.sessionId}.${(this.#count++).toString(36)}`,
      occurred_at: occurredAt,
      customer_id: this.#signedIn ? this.customerId : null,
      ...this.#fixed,
    };
  }
}
