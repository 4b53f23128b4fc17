// Stands before a server so that it can be taken away, or made to hang, and given back.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface Gate {
  /** http://127.0.0.1:port, the same from the first opening to the last. */
  readonly url: string;
  readonly open: () => Promise<void>;
  /** Refuses, and cuts what is under way. */
  readonly close: () => Promise<void>;
  /** Takes everything, and lets nothing through until it thaws. */
  readonly freeze: () => void;
  readonly thaw: () => void;
}

export async function openGate(target: string): Promise<Gate> {
  const { hostname, port: targetPort } = new URL(target);
  const sockets = new Set<Socket>();
  let frozen = false;
  const server = createServer((from) => {
    const to = connect(Number(targetPort), hostname);
    for (const [socket, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
      socket.pipe(other);
      if (frozen) socket.pause();
    }
  });
  const listen = async (at: number): Promise<void> => {
    server.listen(at, "127.0.0.1");
    await once(server, "listening");
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    open: () => listen(port),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
    freeze: () => {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
  };
}
