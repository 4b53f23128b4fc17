// The snippet that a shop puts into its pages: https://…/tidemark.js. It makes visits and events, and hands them to delivery.ts.
//
//   tidemark(name, data) ──▶ clock known? ──no──▶ early ──┐ answer of GET /clock, or none within 3 s, or the page closes
//                               │ yes                     │
//                               ▼                         ▼
//                            session ──▶ event ──▶ delivery ──▶ collector
//
// A session's start is never moved once it is made, so the clock is asked before (docs/decisions.md).
import type { ClockAnswer } from "../contract/collect.ts";
import { askClock, type Asked } from "./collector.ts";
import { channelOf } from "./core/channel.ts";
import { corrected } from "./core/clock.ts";
import { bodyOf, type Commands } from "./core/commands.ts";
import { deviceOf } from "./core/device.ts";
import { going, type Session } from "./core/session.ts";
import { startDelivery, type Delivery } from "./delivery.ts";
import { newId } from "./new-id.ts";
import { keysFrom, read, remove, write } from "./storage.ts";

/** What events say of the shop and its visitor, as far as the shop knows. */
interface About {
  store: string;
  customer_id?: string;
  segment?: string;
  country?: string;
  region?: string;
  test?: boolean;
}

interface Options extends About {
  /** Where the collector is, without a slash at the end. */
  url: string;
  /** false: nothing is sent, and what was stored is deleted. Call init again when the visitor has made up their mind. */
  consent?: boolean;
}

type Name = keyof Commands;
type Call = readonly [name: Name, data: Commands[Name], at: number];
type Tidemark = ((name: string, data: unknown) => void) & { q?: Iterable<unknown>[] };

declare global {
  interface Window {
    tidemark?: Tidemark;
  }
  interface Navigator {
    readonly globalPrivacyControl?: boolean;
  }
  interface Document {
    readonly prerendering?: boolean;
  }
}

/** null: nothing is recorded. */
let about: About | null = null;
let delivery: Delivery | null = null;
/** A session is of one store, and two may share an origin. */
let sessionKey = "";
/** What the device's clock lacks, ms; null: not known yet. */
let offset: number | null = null;
const early: Call[] = [];
let lastPath = "";

const storedOffset = (): number => Number(read("tidemark.clock")) || 0;

function heard({ answer, sent, received }: Asked<ClockAnswer>): void {
  if (!answer || !about) return;
  offset = corrected(offset ?? storedOffset(), sent, received, answer.now);
  write("tidemark.clock", `${offset}`);
}

function init({ url, consent, ...rest }: Options): void {
  if (consent === false || navigator.doNotTrack === "1" || navigator.globalPrivacyControl) return forget();
  about = rest;
  sessionKey = `tidemark..${rest.store}`;
  if (delivery) return;
  delivery = startDelivery(url, heard);
  if (going(read(sessionKey), Date.now() + storedOffset())) makeEarly();
  else void askClock(url).then(heard).then(makeEarly);
  view();
}

/** Leaves no trace. */
function forget(): void {
  delivery?.stop();
  about = delivery = offset = null;
  early.length = 0;
  keysFrom("tidemark.").forEach(remove);
}

function record(name: Name, data: Commands[Name], at = Date.now()): void {
  if (!about) return;
  if (offset === null) {
    early.push([name, data, at]);
    return;
  }
  try {
    const now = at + offset;
    add(now, sessionAt(now), bodyOf(name, data, now));
  } catch (error) {
    console.warn("tidemark", name, error); // the shop must go on
  }
}

function makeEarly(): void {
  if (!about) return;
  offset ??= storedOffset();
  for (const call of early.splice(0)) record(...call);
}

/** The visit that goes on, or a new one. */
function sessionAt(now: number): Session {
  const { referrer } = document;
  const stored = going(read(sessionKey), now);
  const session = stored?.session ?? {
    session_id: newId(),
    session_started_at: now,
    ...channelOf(new URLSearchParams(location.search), referrer, location.host),
  };
  write(sessionKey, JSON.stringify({ at: Math.max(now, stored?.at ?? 0), session }));
  if (!stored) add(now, session, { type: "session_started", referrer: referrer || null });
  return session;
}

function add(now: number, session: Session, body: object): void {
  const visitor_id = read("tidemark.visitor") ?? newId();
  write("tidemark.visitor", visitor_id);
  delivery?.add({
    event_id: newId(),
    occurred_at: now,
    visitor_id,
    device: deviceOf(navigator.userAgent, navigator.maxTouchPoints, innerWidth),
    ...about,
    ...session,
    ...body,
  });
}

/** A page is shown, if it is another one. */
function view(): void {
  if (!about || location.pathname === lastPath) return;
  lastPath = location.pathname;
  record("page", { page: lastPath });
}

function leave(): void {
  makeEarly();
  delivery?.blindly();
}

function listen(): void {
  const push = history.pushState.bind(history);
  history.pushState = (...state) => {
    push(...state);
    view();
  };
  addEventListener("popstate", view);
  addEventListener("online", () => delivery?.send());
  addEventListener("visibilitychange", () => document.hidden && leave());
  addEventListener("pagehide", () => {
    leave();
    delivery?.release();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    delivery?.resume();
    lastPath = "";
    view();
  });
}

const tidemark: Tidemark = (name, data) =>
  name === "init" ? init(data as Options) : record(name as Name, data as Commands[Name]);

/** Takes the place of the page's stub, and up what it has kept. */
function takeUp(): void {
  const stub = window.tidemark;
  if (stub && !stub.q) return; // the script is there twice
  window.tidemark = tidemark;
  listen();
  for (const call of stub?.q ?? []) tidemark(...(call as Parameters<Tidemark>));
}

// A page that is only prepared has not been seen.
if (document.prerendering) document.addEventListener("prerenderingchange", takeUp);
else takeUp();
