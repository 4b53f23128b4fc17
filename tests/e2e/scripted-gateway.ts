// A small real gateway that speaks the contract from a script: the same HTTP server, Socket.IO and built pages, with figures that a
// test sets. It shows what a living pipeline reaches only by luck or by long waiting.
import { Hono } from "hono";
import { Server } from "socket.io";
import type { MonthRow, Status } from "../../gateway/contract/status.ts";
import type {
  ClientToServer,
  ServerToClient,
  StoreInfo,
  SubscribeAnswer,
  WallState,
} from "../../gateway/contract/wall.ts";
import { listen, type Listening } from "../../runtime/http-server.ts";
import { uiFiles } from "../../gateway/io/ui-files.ts";

const ROOM = "scripted";

/** What the server says; a test changes it between steps. */
export interface Script {
  stores: readonly StoreInfo[];
  /** Made anew for each push, as of the moment of the push. null: subscriptions are not answered. */
  state: ((now: number) => WallState) | null;
  /** Answered to a subscription in place of a snapshot. */
  refusal: Extract<SubscribeAnswer, { ok: false }> | null;
  beating: boolean;
  /** The state is pushed with each heartbeat. */
  pushing: boolean;
  /** null: the address answers 503. */
  status: ((now: number) => Status) | null;
  months: readonly MonthRow[] | null;
}

export interface ScriptedGateway {
  readonly url: string;
  readonly script: Script;
  /** Subscriptions answered so far. */
  readonly snapshots: () => number;
  /** Sends a state of the test's own to every screen. */
  push(state: WallState): void;
  /** Goes away: every connection is cut and none is taken. */
  stop(): Promise<void>;
  /** Comes back at the same address. */
  start(): Promise<void>;
}

/** The caller stops it. `folder`: the built pages. */
export async function startScriptedGateway(script: Script, folder: string): Promise<ScriptedGateway> {
  let running: { http: Listening; sockets: Server<ClientToServer, ServerToClient>; beat: NodeJS.Timeout } | null = null;
  let port = 0;
  let snapshots = 0;

  const start = async (): Promise<void> => {
    const http = await listen(pages(script, folder).fetch, "127.0.0.1", port, "GATEWAY_PORT");
    port = http.port;
    const sockets = new Server<ClientToServer, ServerToClient>(http.server, {
      transports: ["websocket"],
      serveClient: false,
    });
    sockets.on("connection", (socket) => {
      socket.on("subscribe", (_, answer) => {
        if (script.refusal) answer(script.refusal);
        else if (script.state) {
          snapshots++;
          void socket.join(ROOM);
          answer({ ok: true, room: ROOM, snapshot: script.state(Date.now()) });
        }
      });
    });
    const beat = setInterval(() => {
      if (!script.beating) return;
      const at = Date.now();
      sockets.emit("heartbeat", { at, build: "scripted" });
      if (script.state && script.pushing) sockets.to(ROOM).emit("state", ROOM, script.state(at));
    }, 250);
    running = { http, sockets, beat };
  };

  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    script,
    snapshots: () => snapshots,
    push: (state) => {
      running?.sockets.to(ROOM).emit("state", ROOM, state);
    },
    stop: async () => {
      if (running === null) return;
      clearInterval(running.beat);
      const closed = running.sockets.close();
      running.http.destroySockets();
      await closed;
      running = null;
    },
    start,
  };
}

function pages(script: Script, folder: string): Hono {
  const app = new Hono();
  app.get("/api/stores", (c) => c.json(script.stores));
  app.get("/api/status", (c) =>
    script.status ? c.json(script.status(Date.now())) : c.json({ detail: "The status cannot be told now." }, 503),
  );
  app.get("/api/months", (c) =>
    script.months ? c.json(script.months) : c.json({ detail: "Storage does not answer." }, 503),
  );
  app.get("/version", (c) => c.json({ build: "scripted" }));
  app.route("/", uiFiles(folder));
  return app;
}
