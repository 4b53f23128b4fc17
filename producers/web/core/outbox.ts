// Events that the collector has not answered yet, oldest first, each as its JSON text.
//
//            put                    take                     answered
//   event ────────▶ waiting ───────────────▶ under way ─────────────────▶ gone
//                      ▲  │ no room: oldest      │ failed
//                      │  └──▶ lost              │
//                      └─────────────────────────┘
//
// Invariants: only an answer that names it takes an event out, or want of room, which is counted. What is under way is not let go.
import { MAX_BODY_BYTES } from "../../contract/collect.ts";

export interface Outbox {
  readonly waiting: readonly string[];
  /** How many of the first are under way. */
  readonly underWay: number;
  /** Attempts in a row that failed. */
  readonly failures: number;
  /** Events let go that nobody was told of. */
  readonly lost: number;
  /** How many of them the last request told of. */
  readonly telling: number;
}

export const EMPTY: Outbox = { waiting: [], underWay: 0, failures: 0, lost: 0, telling: 0 };

/** Room for about 400 events: a long ride without a net, and a small part of what a shop may store. */
const ROOM_BYTES = 200_000;
/** Leaves space for the brackets around the events. */
const BATCH_BYTES = MAX_BODY_BYTES - 1024;
const BATCH_EVENTS = 100;
const DELAY_MS = 500;
const LONGEST_DELAY_MS = 60_000;

/** In UTF-8, with the comma between two. */
const bytesOf = (text: string): number => new Blob([text]).size + 1;

export function put(box: Outbox, ...texts: readonly string[]): Outbox {
  const waiting = [...box.waiting, ...texts.filter((text) => bytesOf(text) <= BATCH_BYTES)]; // larger ones can never be sent
  const all = box.waiting.length + texts.length;
  while (bytesOf(waiting.join()) > ROOM_BYTES && waiting.length > box.underWay) waiting.splice(box.underWay, 1);
  return { ...box, waiting, lost: box.lost + all - waiting.length };
}

/** The first events that fit into one request; fewer after each failure, in case the size is what fails. */
export function batchOf(waiting: readonly string[], failures: number): readonly string[] {
  const most = Math.max(1, BATCH_EVENTS / 2 ** failures);
  let bytes = 0;
  const end = waiting.findIndex((text, index) => (bytes += bytesOf(text)) > BATCH_BYTES || index >= most);
  return end === -1 ? waiting : waiting.slice(0, end);
}

export function take(box: Outbox): Outbox {
  return { ...box, underWay: batchOf(box.waiting, box.failures).length, telling: box.lost };
}

/** Accepted or not, an event that was answered is not sent again. */
export function answered({ waiting, underWay, lost, telling }: Outbox): Outbox {
  return { ...EMPTY, waiting: waiting.slice(underWay), lost: lost - telling };
}

export function failed(box: Outbox): Outbox {
  return { ...box, underWay: 0, failures: box.failures + 1 };
}

/** How long to wait after a failure, ms: a second, doubled each time, and spread by `random` (0 to 1) so that not all pages come at once. */
export function delayAfter({ failures }: Outbox, random: number): number {
  return Math.min(LONGEST_DELAY_MS, DELAY_MS * 2 ** failures) * (0.5 + random / 2);
}

/** A request with these events. */
export const requestOf = (texts: readonly string[], lost: number): string =>
  `{"lost":${lost},"events":[${texts.join()}]}`;
