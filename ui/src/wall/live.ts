// The screen's live data: one socket, one subscription, one state. Signals change; nothing else does.
import { computed, signal } from "@preact/signals";
import { io, type Socket } from "socket.io-client";
import {
  TILES,
  type ClientToServer,
  type ServerToClient,
  type Subscription,
  type TileId,
  type WallState,
} from "../../../gateway/contract/wall.ts";
import { conditionOf, isHung, newLink, next, retryDelay, type Link, type LinkEvent } from "../core/link.ts";
import { merge } from "../core/merge.ts";

const ATTEMPT_MS = 5000;
const SNAPSHOT_MS = 5000;
const REFUSED_MS = 5000;

export const link = signal<Link>(newLink(Date.now()));
export const wall = signal<WallState | null>(null);
/** The screen's clock, once a second. */
export const now = signal(Date.now());
/** The gateway's clock, by the screen's. */
export const serverNow = computed(() => now.value + link.value.clockOffset);
export const condition = computed(() => conditionOf(link.value, wall.value?.freshness ?? null, now.value));

/** Starts following a store; answers what stops it. */
export function follow(store: string): () => void {
  const subscription: Subscription = { store, dimension: "total", value: "all", tiles: Object.keys(TILES) as TileId[] };
  const socket: Socket<ServerToClient, ClientToServer> = io({
    transports: ["websocket"],
    reconnection: false, // ours counts attempts and says when the next one is
    autoConnect: false,
    timeout: ATTEMPT_MS,
  });
  let room = "";
  let timer = 0;
  let asking = false;
  let build = "";
  const told = (event: LinkEvent): void => {
    link.value = next(link.value, event);
  };

  const subscribe = (): void => {
    if (asking) return;
    asking = true;
    socket.timeout(SNAPSHOT_MS).emit("subscribe", subscription, (late, answer) => {
      asking = false;
      if (late) socket.disconnect().connect();
      else if (answer.ok) {
        room = answer.room;
        wall.value = answer.snapshot;
        told({ type: "snapshot" });
      } else {
        told({ type: "refused", code: answer.code, message: answer.message });
        clearTimeout(timer);
        timer = window.setTimeout(subscribe, REFUSED_MS);
      }
    });
  };
  const retry = (): void => {
    asking = false;
    clearTimeout(timer);
    const delay = retryDelay(link.value.attempts, Math.random());
    told({ type: "closed", retryAt: Date.now() + delay });
    timer = window.setTimeout(() => {
      told({ type: "attempt" });
      socket.connect();
    }, delay);
  };
  socket.on("connect", () => {
    told({ type: "opened", now: Date.now() });
    subscribe();
  });
  socket.on("connect_error", retry);
  socket.on("disconnect", (reason) => {
    if (reason !== "io client disconnect") retry();
  });
  socket.on("heartbeat", (beat) => {
    told({ type: "beat", at: beat.at, now: Date.now() });
    if (build !== "" && beat.build !== build) void reloadWhenServed(beat.build);
    else build = beat.build;
  });
  socket.on("state", (of, state) => {
    if (of !== room || wall.value === null) return;
    const merged = merge(wall.value, state);
    if (merged === null) subscribe();
    else wall.value = merged;
  });
  const tick = setInterval(() => {
    now.value = Date.now();
    if (!isHung(link.value, now.value)) return;
    socket.disconnect();
    retry();
  }, 1000);
  socket.connect();
  return () => {
    clearInterval(tick);
    clearTimeout(timer);
    socket.disconnect();
  };
}

/** A new build is taken only once the gateway answers for it, so that a screen never reloads into an error page. */
async function reloadWhenServed(build: string): Promise<void> {
  const answer = await fetch("/version").catch(() => null);
  const served = answer?.ok ? ((await answer.json()) as { build: string }) : null;
  if (served?.build === build) location.reload();
}
