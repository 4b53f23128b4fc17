// A proxy between one worker and the engine that can end the worker at any moment of any insert, without a hook in the worker:
// before the insert is sent on, half-way through its body, when it is stored and the answer is still here, or right after the
// answer. It can also lose an answer, or refuse an insert, and let the worker live.
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** The tables of the numbered effects, in the order in which a worker stores them. */
export const TABLES = ["raw_events", "sessions", "orders", "panes", "positions"] as const;
export type TableName = (typeof TABLES)[number];

export const MOMENTS = ["before", "half-way", "stored", "answered"] as const;
export type Moment = (typeof MOMENTS)[number];

export interface Trap {
  readonly table: TableName;
  readonly moment: Moment;
  /** Which insert into the table, counted from 1. */
  readonly nth: number;
  /** Called at that moment, once; the worker's connection is cut after it, but for `answered`. */
  readonly spring: () => void;
}

export class TrapProxy {
  readonly #server: Server;
  readonly #engine: URL;
  /** Inserts that the worker has begun. */
  inserts = 0;
  onFirstInsert: () => void = () => undefined;
  #traps: { trap: Trap; left: number }[] = [];

  private constructor(engine: string) {
    this.#engine = new URL(engine);
    this.#server = createServer((incoming, outgoing) => this.#onRequest(incoming, outgoing));
  }

  static async open(engine: string): Promise<TrapProxy> {
    const proxy = new TrapProxy(engine);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  arm(trap: Trap): void {
    this.#traps.push({ trap, left: trap.nth });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #onRequest(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const query = new URL(incoming.url ?? "/", this.#engine).searchParams.get("query") ?? "";
    const table = /^INSERT INTO \w+\.(\w+)/.exec(query.trim())?.[1];
    if (table && this.inserts++ === 0) this.onFirstInsert();
    const armed = this.#traps.find(({ trap }) => trap.table === table);
    const trap = armed && --armed.left === 0 ? armed.trap : null;
    if (trap) this.#traps = this.#traps.filter((other) => other !== armed);
    const cut = (): void => {
      trap!.spring();
      incoming.socket.destroy();
    };
    if (trap?.moment === "before") return cut();
    const { hostname, port } = this.#engine;
    const { method, url, headers } = incoming;
    const upstream = request({ hostname, port, method, path: url, headers }, (answer) => {
      if (trap?.moment === "stored") {
        answer.resume();
        answer.on("end", cut);
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      if (trap?.moment === "answered") outgoing.on("finish", trap.spring);
    });
    upstream.on("error", () => incoming.socket.destroy());
    outgoing.on("close", () => upstream.destroy());
    if (trap?.moment !== "half-way") {
      incoming.pipe(upstream);
      return;
    }
    incoming.once("data", (chunk: Buffer) => {
      upstream.write(chunk.subarray(0, chunk.length >> 1), () => {
        upstream.destroy();
        cut();
      });
    });
  }
}
