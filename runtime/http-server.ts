// An HTTP server of one of our processes.
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { serve } from "@hono/node-server";
import type { SettingName } from "./config.ts";

export interface Listening {
  readonly server: Server;
  readonly port: number;
  /** Ends every connection at once. A web socket whose screen hangs would hold the server open for half a minute. */
  readonly destroySockets: () => void;
  /** Takes no new connection; resolves when every request under way is answered. */
  readonly drain: () => Promise<void>;
}

/** A connection that is kept alive is let go of this soon after its last answer, ms. */
const LET_GO_MS = 50;

/** Resolves when it listens. Rejects where the address is taken, with the cure. Port 0: any free one. */
export function listen(
  fetch: Parameters<typeof serve>[0]["fetch"],
  hostname: string,
  port: number,
  setting: SettingName,
): Promise<Listening> {
  const sockets = new Set<Socket>();
  const destroySockets = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname, port }, ({ port }) =>
      resolve({ server, port, destroySockets, drain: () => drained(server) }),
    ) as Server;
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new Error(inUse(hostname, port, setting), { cause: error }) : error),
    );
  });
}

async function drained(server: Server): Promise<void> {
  const lettingGo = setInterval(() => server.closeIdleConnections(), LET_GO_MS);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(lettingGo);
}

const inUse = (host: string, port: number, setting: SettingName): string =>
  `${host}:${port} is taken by another process. Stop it, or set ${setting} to another port (0: any free one).`;
