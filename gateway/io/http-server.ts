// The HTTP server under the API, the pages and the sockets.
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { serve, type ServerType } from "@hono/node-server";

export interface Listening {
  readonly server: Server;
  readonly port: number;
  /** Ends every connection at once. A web socket whose screen hangs would hold the server open for half a minute. */
  readonly destroySockets: () => void;
}

/** Resolves when it listens. Rejects where the address is taken, with the cure. Port 0: any free one. */
export function listen(
  fetch: Parameters<typeof serve>[0]["fetch"],
  hostname: string,
  port: number,
): Promise<Listening> {
  const sockets = new Set<Socket>();
  const destroySockets = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return new Promise((resolve, reject) => {
    const server: ServerType = serve({ fetch, hostname, port }, (info) =>
      resolve({ server: server as Server, port: info.port, destroySockets }),
    );
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new Error(inUse(hostname, port), { cause: error }) : error),
    );
  });
}

const inUse = (host: string, port: number): string =>
  `${host}:${port} is taken by another process. Stop it, or set GATEWAY_PORT to another port (0: any free one).`;
