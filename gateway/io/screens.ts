// Socket.IO for walls: a room per subscription, its state made once and pushed to everyone in it. Pushes are volatile: a
// screen that is not ready to take one gets the next, and one that takes none for a while is cut, so that memory is bounded.
import type { Server as HttpServer } from "node:http";
import { Server, type Socket } from "socket.io";
import {
  HEARTBEAT_EVERY_MS,
  type ClientToServer,
  type ServerToClient,
  type SubscribeAnswer,
  type Subscription,
} from "../contract/wall.ts";
import type { Logger } from "../../runtime/log.ts";
import { ALL } from "../../stream/contract/dimensions.ts";
import type { Model, SeriesKey } from "../core/model.ts";
import { isDue, newRoom, pointsOf, pushed, type RoomState } from "../core/room.ts";
import { checkSubscription } from "../core/subscription.ts";
import { wallState } from "../core/wall.ts";

const LOOK_MS = 50;
/** Flushes of several partitions come together: a push waits this long for the others. */
const GATHER_MS = 10;
const PING_MS = 5000;
/** A screen that could not be written to for this long, or holds back this much, is cut. It reconnects by itself. */
const CLOGGED_MS = 5000;
const BUFFERED_BYTES = 1024 * 1024;
const SUBSCRIPTIONS_PER_SCREEN = 16;
const MESSAGE_BYTES = 16 * 1024;

interface Room {
  readonly subscription: Subscription;
  state: RoomState;
}

export interface ScreensParts {
  readonly model: Model;
  readonly build: string;
  readonly log: Logger;
  readonly now: () => number;
  readonly onPush: () => void;
  readonly onCut: () => void;
}

type Screen = Socket<ClientToServer, ServerToClient>;

export class Screens {
  readonly #parts: ScreensParts;
  readonly #io: Server<ClientToServer, ServerToClient>;
  readonly #rooms = new Map<string, Room>();
  readonly #cloggedSince = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #beatAt = -Infinity;
  #gathering: NodeJS.Timeout | null = null;

  constructor(server: HttpServer, parts: ScreensParts) {
    this.#parts = parts;
    this.#io = new Server(server, {
      transports: ["websocket"],
      perMessageDeflate: false, // measured: ten times the memory, five times the CPU
      pingInterval: PING_MS,
      pingTimeout: PING_MS,
      maxHttpBufferSize: MESSAGE_BYTES,
      serveClient: false,
    });
    this.#io.on("connection", (screen) => this.#welcome(screen));
    this.#io.of("/").adapter.on("delete-room", (room: string) => this.#rooms.delete(room));
    this.#timer = setInterval(() => this.#look(parts.now()), LOOK_MS);
  }

  get count(): number {
    return this.#io.of("/").sockets.size;
  }

  get rooms(): number {
    return this.#rooms.size;
  }

  /** Series that someone looks at, besides the totals. */
  get watched(): readonly SeriesKey[] {
    const series = [...this.#rooms.values()].map(({ subscription }) => subscription);
    return series.filter(({ dimension, value }) => dimension !== "total" || value !== ALL);
  }

  /** Figures have changed: pushes follow at once, where they are due. */
  changed(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = null;
      this.#push(this.#parts.now());
    }, GATHER_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#gathering) clearTimeout(this.#gathering);
    this.#io.disconnectSockets(true);
    await this.#io.close();
  }

  #welcome(screen: Screen): void {
    screen.on("subscribe", (asked: unknown, answer: unknown) => {
      if (typeof answer === "function") answer(this.#subscribe(screen, asked));
    });
    screen.on("disconnect", (reason) => {
      this.#cloggedSince.delete(screen.id);
      if (reason === "ping timeout") this.#cut(screen, reason);
      this.#parts.log.debug({ screen: screen.id, reason }, "a screen left");
    });
  }

  #subscribe(screen: Screen, asked: unknown): SubscribeAnswer {
    const { model, build, now } = this.#parts;
    const checked = checkSubscription(
      asked,
      model.stores.map(({ id }) => id),
    );
    if (!checked.ok) return checked;
    const { room: name, subscription } = checked;
    if (!screen.rooms.has(name) && screen.rooms.size > SUBSCRIPTIONS_PER_SCREEN)
      return { ok: false, code: "too-many", message: `A screen may have ${SUBSCRIPTIONS_PER_SCREEN} subscriptions.` };
    const room = this.#rooms.get(name) ?? { subscription, state: newRoom };
    this.#rooms.set(name, room);
    void screen.join(name);
    const snapshot = wallState(model, subscription, { build, sequence: room.state.sequence, points: null }, now());
    return { ok: true, room: name, snapshot };
  }

  /** 1. who could not be written to since the last time  2. states  3. heartbeat */
  #look(now: number): void {
    for (const screen of this.#io.of("/").sockets.values()) this.#cutIfClogged(screen, now);
    this.#push(now);
    if (now - this.#beatAt < HEARTBEAT_EVERY_MS) return;
    this.#beatAt = now;
    this.#io.volatile.emit("heartbeat", { at: now, build: this.#parts.build });
  }

  #push(now: number): void {
    const { model, build, onPush } = this.#parts;
    for (const [name, room] of this.#rooms) {
      const changes = model.changes(room.subscription);
      if (!isDue(room.state, changes, now)) continue;
      room.state = pushed(room.state, changes, now);
      const { sequence } = room.state;
      const state = wallState(model, room.subscription, { build, sequence, points: pointsOf(room.state) }, now);
      this.#io.to(name).volatile.emit("state", name, state);
      onPush();
    }
  }

  #cutIfClogged(screen: Screen, now: number): void {
    const buffered = webSocketOf(screen)?.bufferedAmount ?? 0;
    if (screen.conn.transport.writable && buffered === 0) {
      this.#cloggedSince.delete(screen.id);
      return;
    }
    const since = this.#cloggedSince.get(screen.id) ?? now;
    this.#cloggedSince.set(screen.id, since);
    if (now - since < CLOGGED_MS && buffered < BUFFERED_BYTES) return;
    this.#cut(screen, "not writable");
  }

  /** At once: a closing handshake would wait for a screen that reads nothing. */
  #cut(screen: Screen, reason: string): void {
    this.#parts.log.warn({ screen: screen.id, reason }, "a screen takes nothing in: cut");
    this.#parts.onCut();
    this.#cloggedSince.delete(screen.id);
    webSocketOf(screen)?.terminate();
  }
}

/** The part of ws that we need; Engine.IO has no type for it. */
interface WebSocket {
  readonly bufferedAmount: number;
  terminate(): void;
}

const webSocketOf = (screen: Screen): WebSocket | undefined =>
  (screen.conn.transport as unknown as { socket?: WebSocket }).socket;
