// Gets events to the collector: soon, again where it failed, and blindly when the page closes.
//
// What is not answered lies in storage under a key of this page alone, so no two tabs write to one. A page that closes marks its
// key as free; the next page that opens takes over what is free, or so old that nobody can be alive behind it. A page that comes
// back from the browser's cache looks there for what is still its own. Two pages that take the same send it twice: same ids,
// counted once.
import type { ClockAnswer, CollectAnswer, EventAnswer } from "../contract/collect.ts";
import { answered, batchOf, delayAfter, EMPTY, failed, put, requestOf, take, type Outbox } from "./core/outbox.ts";
import { parsed } from "./core/parsed.ts";
import { sendBlindly, sendEvents, type Asked } from "./collector.ts";
import { newId } from "./new-id.ts";
import { keysFrom, read, remove, write } from "./storage.ts";

/** Events that come together go together. */
const SOON_MS = 500;
/** A living page with something to send writes at least about once a minute. */
const ABANDONED_MS = 5 * 60_000;
const KEYS = "tidemark.queue.";

export interface Delivery {
  add(event: object): void;
  /** Now, without waiting any longer: there may be a way again. */
  send(): void;
  /** The page may be gone any moment. */
  blindly(): void;
  /** The page is left: whoever comes next may take over. */
  release(): void;
  /** The page is back: what another has taken over is no longer its own. */
  resume(): void;
  stop(): void;
}

interface Stored {
  at: number;
  lost: number;
  events: unknown[];
}

/** `heard` gets every answer. */
export function startDelivery(url: string, heard: (asked: Asked<ClockAnswer>) => void): Delivery {
  const ownKey = KEYS + newId();
  let box: Outbox = EMPTY;
  let timer: ReturnType<typeof setTimeout> | 0 = 0;
  /** What was asked before a stop or a return is not answered after it. */
  let life = 0;
  /** The last event that was sent blindly: once is enough. Events leave in order, so what lies behind it was not. */
  let blind = "";

  function keep(changed: Outbox, at = Date.now()): void {
    box = changed;
    const { waiting, lost } = box;
    if (waiting.length + lost > 0) write(ownKey, `{"at":${at},${requestOf(waiting, lost).slice(1)}`);
    else remove(ownKey);
  }

  function takeOver(key: string): void {
    const stored = parsed(read(key)) as Stored | null;
    if (stored && key !== ownKey && Math.abs(Date.now() - stored.at) < ABANDONED_MS) return;
    remove(key);
    if (stored?.events)
      keep(put({ ...box, lost: box.lost + stored.lost }, ...stored.events.map((event) => JSON.stringify(event))));
  }

  function warn(event: EventAnswer): void {
    if (!("reason" in event)) return;
    console.warn("tidemark", event);
    if (event.reason === "future") keysFrom("tidemark..").forEach(remove); // begun by a wrong clock: the visit goes on as another
  }

  function cancel(): void {
    clearTimeout(timer);
    timer = 0;
  }

  /** Unless it is going to anyway. */
  function sendIn(delay: number): void {
    timer ||= setTimeout(send, delay);
  }

  function send(): void {
    cancel();
    if (box.underWay > 0 || !box.waiting.length) return;
    box = take(box);
    const ours = life;
    const { waiting, underWay, telling } = box;
    const settle = (asked: Asked<CollectAnswer>): void => {
      if (life !== ours) return;
      cancel();
      const { answer, wait } = asked;
      if (answer?.events?.length === underWay) {
        heard(asked);
        answer.events.forEach(warn);
        keep(answered(box));
        send();
      } else {
        keep(failed(box));
        sendIn(Math.max(wait, delayAfter(box, Math.random())));
      }
    };
    void sendEvents(url, requestOf(waiting.slice(0, underWay), telling)).then(settle);
  }

  const delivery: Delivery = {
    add(event) {
      keep(put(box, JSON.stringify(event)));
      sendIn(SOON_MS);
    },
    send,
    blindly() {
      for (;;) {
        const batch = batchOf(box.waiting.slice(box.waiting.lastIndexOf(blind) + 1), 0);
        if (!batch.length || !sendBlindly(url, requestOf(batch, 0))) return;
        blind = batch.at(-1)!;
      }
    },
    release() {
      keep(box, 0);
    },
    resume() {
      delivery.stop();
      takeOver(ownKey);
      send();
    },
    stop() {
      life++;
      cancel();
      box = EMPTY;
    },
  };
  keysFrom(KEYS).forEach(takeOver);
  send();
  return delivery;
}
