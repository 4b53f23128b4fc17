// The wall's link to its gateway, as an immutable state machine; `now` is the screen's clock, passed in.
//
//            opened            snapshot
//   waiting ─────────▶ open ─────────────▶ fed ──┐ beat, snapshot
//    ▲  ▲ │ attempt      │                  │ ◀──┘
//    │  └─┘              │ closed           │ closed (keeps what it knows)
//    └───────────────────┴──────────────────┘
//
// Nothing is judged here by a message's arrival: freshness is the server's word, by the server's clock.
import type { Freshness } from "../../../gateway/contract/wall.ts";

export interface Link {
  readonly phase: "waiting" | "open" | "fed";
  /** Attempts to connect since the last heartbeat. */
  readonly attempts: number;
  /** When the next attempt is made; null: one is under way, or the link is open. */
  readonly nextAttemptAt: number | null;
  /** When it last opened. */
  readonly openedAt: number;
  /** When the last heartbeat came; null: never. */
  readonly beatAt: number | null;
  /** Since when there is a wait for the first heartbeat and snapshot. */
  readonly waitingSince: number;
  /** A snapshot was received since the page was loaded. */
  readonly everFed: boolean;
  /** What to add to the screen's clock to get the server's, by the heartbeats that travelled fastest. */
  readonly clockOffset: number;
  readonly offsets: readonly number[];
  /** The gateway refused what was asked. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
}

export type LinkEvent =
  | { readonly type: "opened"; readonly now: number }
  | { readonly type: "closed"; readonly retryAt: number }
  | { readonly type: "attempt" }
  | { readonly type: "beat"; readonly at: number; readonly now: number }
  | { readonly type: "snapshot" }
  | { readonly type: "refused"; readonly code: string; readonly message: string };

const OFFSETS_KEPT = 60;

export const newLink = (now: number): Link => ({
  phase: "waiting",
  attempts: 0,
  nextAttemptAt: null,
  openedAt: now,
  beatAt: null,
  waitingSince: now,
  everFed: false,
  clockOffset: 0,
  offsets: [],
  refusal: null,
});

export function next(link: Link, event: LinkEvent): Link {
  switch (event.type) {
    case "opened":
      return { ...link, phase: "open", openedAt: event.now, nextAttemptAt: null };
    case "closed":
      return { ...link, phase: "waiting", nextAttemptAt: event.retryAt };
    case "attempt":
      return { ...link, attempts: link.attempts + 1, nextAttemptAt: null };
    case "beat": {
      // a message can only be late: the greatest difference is the one that travelled fastest
      const offsets = [...link.offsets, event.at - event.now].slice(-OFFSETS_KEPT);
      return { ...link, attempts: 0, beatAt: event.now, offsets, clockOffset: Math.max(...offsets) };
    }
    case "snapshot":
      return link.phase === "waiting" ? link : { ...link, phase: "fed", everFed: true, refusal: null };
    case "refused":
      return { ...link, refusal: { code: event.code, message: event.message } };
    default:
      return event satisfies never;
  }
}

/** ms to the next attempt: from half a second up to ten, doubling, with jitter so that screens do not come back all at once. `random` is in [0, 1). */
export function retryDelay(attempts: number, random: number): number {
  const most = Math.min(10_000, 1000 * 2 ** attempts);
  return Math.round(most / 2 + (most / 2) * random);
}

const DISCONNECTED_AFTER_MS = 10_000;
export const STALE_AFTER_MS = 5000;
const WATERMARK_LAG_MS = 30_000;

/**
 * What the whole wall is. `loading`: no snapshot yet · `disconnected`: no heartbeat for 10 s · `error`: the gateway refused ·
 * `behind`: the stream lags its log · `stale`: no word from the stream · `silent`: all is well, but the shop sends nothing ·
 * `live`.
 */
export type WallCondition = "loading" | "live" | "silent" | "behind" | "stale" | "disconnected" | "error";

/** What is shown is not of now: every figure says so. */
export const isOld = (condition: WallCondition): boolean => condition === "stale" || condition === "behind";

const SILENT_AFTER_MS = 5 * 60_000;

export function conditionOf(link: Link, freshness: Freshness | null, now: number): WallCondition {
  if (silenceOf(link, now) > DISCONNECTED_AFTER_MS) return "disconnected";
  if (link.refusal) return "error";
  if (!link.everFed || freshness === null || freshness.state === "starting") return "loading";
  const old = ageOf(link, freshness, now) > STALE_AFTER_MS;
  const lag = freshness.watermark === null ? 0 : now + link.clockOffset - freshness.watermark;
  if (freshness.state === "behind" || (freshness.state === "live" && lag > WATERMARK_LAG_MS)) return "behind";
  if (freshness.state === "stale" || old) return "stale";
  return freshness.silentFor !== null && freshness.silentFor > SILENT_AFTER_MS ? "silent" : "live";
}

/** ms without a heartbeat, or since the page was loaded where none has come yet. */
export const silenceOf = (link: Link, now: number): number => now - (link.beatAt ?? link.waitingSince);

/** How old the figures are, ms, by the server's clock. */
export function ageOf(link: Link, freshness: Freshness, now: number): number {
  return freshness.freshAt === null ? 0 : Math.max(0, now + link.clockOffset - freshness.freshAt);
}

/** Open, but no heartbeat comes: the connection is dead without saying so, and has to be made anew. */
export function isHung(link: Link, now: number): boolean {
  return link.phase !== "waiting" && now - Math.max(link.beatAt ?? 0, link.openedAt) > DISCONNECTED_AFTER_MS;
}
