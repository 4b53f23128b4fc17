// The strip at the top of the wall: what is wrong, or that nothing is.
import type { WallState } from "../../../gateway/contract/wall.ts";
import { age, clock } from "../core/format.ts";
import { silenceOf, STALE_AFTER_MS, type Link, type WallCondition } from "../core/link.ts";

export interface StripProps {
  readonly condition: WallCondition;
  readonly link: Link;
  readonly state: WallState | null;
  readonly now: number;
  /** Age of the figures, ms. */
  readonly age: number;
}

export function Strip({ condition, link, state, now, age: ms }: StripProps): preact.JSX.Element {
  const place = state ? `${state.store.name} · Pulse` : "Pulse";
  if (condition === "disconnected") return <NoConnection link={link} state={state} now={now} />;
  return (
    <header class="strip">
      <Message condition={condition} link={link} state={state} now={now} age={ms} />
      <span class="place">{place}</span>
    </header>
  );
}

function Message({ condition, link, state, now, age: ms }: StripProps): preact.JSX.Element {
  switch (condition) {
    case "error":
      return <Doubt tag="ERROR" text={`${link.refusal?.message ?? ""} Asked again every 5 s.`} />;
    case "stale":
      return <Doubt tag="STALE" text={staleText(link, state, now, ms)} />;
    case "behind":
      return <Doubt tag="BEHIND" text={behindText(link, state, now, ms)} />;
    case "silent":
      return (
        <Doubt
          tag="SILENT"
          text={`All is well here, but the shop has sent nothing for ${age(state?.freshness.silentFor ?? 0)}`}
        />
      );
    case "loading":
      return <span class="calm">Waiting for the first figures</span>;
    default:
      return <span class="calm">No open alerts</span>;
  }
}

/** Who is silent: the gateway, all of the stream, or some of its partitions. */
function staleText(link: Link, state: WallState | null, now: number, ms: number): string {
  if (deaf(link, now)) return `No word from the gateway for ${age(ms)}`;
  const { partitions = 0, partitionsHeard = 0 } = state?.freshness ?? {};
  if (partitionsHeard === 0) return `No word from the stream for ${age(ms)}`;
  return `No word from ${partitions - partitionsHeard} of ${partitions} partitions for ${age(ms)}`;
}

/** Behind its log; or abreast of it, while what it reads there is old. */
function behindText(link: Link, state: WallState | null, now: number, ms: number): string {
  const { freshness } = state ?? {};
  if (freshness?.state !== "live" || freshness.watermark === null)
    return `The stream is catching up, ${age(ms)} behind`;
  return `The newest events are ${age(now + link.clockOffset - freshness.watermark)} old`;
}

/** The gateway itself has said nothing for a while: then nothing is known of the stream. */
const deaf = (link: Link, now: number): boolean => silenceOf(link, now) > STALE_AFTER_MS;

function Doubt({ tag, text }: { tag: string; text: string }): preact.JSX.Element {
  return (
    <span class="doubt-line">
      <span class="tag">▼ {tag}</span> {text}
    </span>
  );
}

function NoConnection({ link, state, now }: { link: Link; state: WallState | null; now: number }): preact.JSX.Element {
  const retry = link.nextAttemptAt === null ? "trying now" : `next in ${age(link.nextAttemptAt - now)}`;
  return (
    <div class="strip is-cut" role="alert">
      <span class="doubt-line">
        <span class="tag">▼ NO CONNECTION</span> <b>No heartbeat for {age(silenceOf(link, now))}.</b>{" "}
        {state && <>Values are from {clock(state.asOf, state.store.timeZone)}.</>}
      </span>
      <span class="place">
        Attempt {link.attempts + 1}, {retry}
      </span>
    </div>
  );
}
