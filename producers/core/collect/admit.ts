// One event from outside becomes an event of the contract, or is refused with its reason. Refused is what the stream could not
// use, what no page can know, and what no shop of ours sent.
//
// Times are taken as they come. A session is known by its id *and* its start: moving the start by a difference of clocks that
// is measured anew with each request would make two sessions of one. The page learns the clock before it makes a session
// (GET /clock, docs/decisions.md), so there is nothing to move.
import { COLLECTED_TYPES, type CollectedType, type EventAnswer, type Rejection } from "../../contract/collect.ts";
import { EVENT_TYPES, type ShopEvent } from "../../contract/events.ts";
import { FUTURE_MS } from "../../contract/usable.ts";
import { described } from "./described.ts";
import { SHAPES } from "./shapes.ts";

/** What is known of a request and of nothing in its body. */
export interface Circumstances {
  /** ms UTC. */
  readonly now: number;
  readonly stores: ReadonlySet<string>;
  readonly userAgent: string | null;
  /** As whoever stands in front of us saw it; null: not known, the event's own is taken. */
  readonly country: string | null;
}

export type Admission =
  | { readonly ok: true; readonly event: ShopEvent }
  | { readonly ok: false; readonly reason: Rejection; readonly detail: string };

/** Longer ones are cut: isbot needs far less, and each event carries it. */
const USER_AGENT_LENGTH = 500;

const isCollected = (type: unknown): type is CollectedType => (COLLECTED_TYPES as readonly unknown[]).includes(type);

export function admit(raw: unknown, { now, stores, userAgent, country }: Circumstances): Admission {
  const type = fieldOf(raw, "type");
  if (!isCollected(type)) return refuseType(type);
  const parsed = SHAPES[type].safeParse(raw);
  if (!parsed.success) return refused("invalid", described(parsed.error));
  const fields = parsed.data;
  if (!stores.has(fields.store)) return refused("store-unknown", `there is no store "${fields.store}" here`);
  const placedAt = "placed_at" in fields ? fields.placed_at : 0;
  const last = Math.max(fields.occurred_at, fields.session_started_at ?? 0, placedAt);
  if (last > now + FUTURE_MS)
    return refused("future", `${Math.round((last - now) / 1000)} s later than the collector's clock; see GET /clock`);
  return {
    ok: true,
    event: {
      ...fields,
      user_agent: userAgent?.slice(0, USER_AGENT_LENGTH) ?? null,
      country: country ?? fields.country,
    },
  };
}

export function answerOf(raw: unknown, index: number, admission: Admission): EventAnswer {
  const id = fieldOf(raw, "event_id");
  const about = { index, event_id: typeof id === "string" ? id : null };
  if (admission.ok) return { ...about, status: "accepted" };
  const { reason, detail } = admission;
  return { ...about, status: "rejected", reason, detail };
}

function refuseType(type: unknown): Admission {
  if ((EVENT_TYPES as readonly unknown[]).includes(type))
    return refused("type-not-collected", `${String(type)} comes from the shop's back office, never from a page`);
  return refused("type-unknown", `type must be one of ${COLLECTED_TYPES.join(", ")}`);
}

const refused = (reason: Rejection, detail: string): Admission => ({ ok: false, reason, detail });

const fieldOf = (raw: unknown, name: string): unknown =>
  typeof raw === "object" && raw !== null ? (raw as Record<string, unknown>)[name] : undefined;
