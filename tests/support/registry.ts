// A schema registry as Confluent's answers: GET /schemas/ids/{id}, for one user.
import { createServer, type Server } from "node:http";

export const REGISTRY_USER = "tidemark";
export const REGISTRY_PASSWORD = "löw tide:1";

export interface Registered {
  readonly schema: string;
  readonly schemaType?: string;
  readonly references?: readonly object[];
}

export class TestRegistry {
  readonly schemas = new Map<number, Registered>();
  /** Ids in the order in which they were asked for. */
  readonly asked: number[] = [];
  /** Answers with this status alone, as a proxy or another server would; null: as it should. */
  brokenWith: number | null = null;
  readonly port: number;
  #server: Server | null = null;

  constructor(port: number) {
    this.port = port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  open(): Promise<void> {
    const authorization = `Basic ${Buffer.from(`${REGISTRY_USER}:${REGISTRY_PASSWORD}`).toString("base64")}`;
    const server = createServer((request, response) => {
      const answer = (status: number, body: object): void => {
        response.writeHead(status, { "content-type": "application/vnd.schemaregistry.v1+json" });
        response.end(JSON.stringify(body));
      };
      if (this.brokenWith !== null) return answer(this.brokenWith, {});
      if (request.headers.authorization !== authorization)
        return answer(401, { error_code: 401, message: "Unauthorized" });
      const id = Number(/^\/schemas\/ids\/(\d+)$/.exec(request.url ?? "")?.[1]);
      this.asked.push(id);
      const schema = this.schemas.get(id);
      if (schema) answer(200, schema);
      else answer(404, { error_code: 40403, message: `Schema ${id} not found` });
    });
    this.#server = server;
    return new Promise((resolve) => server.listen(this.port, "127.0.0.1", () => resolve()));
  }

  close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    return new Promise((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }
}

/** A record's value in Confluent's wire format. */
export function framed(id: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(id, 1);
  return Buffer.concat([header, body]);
}
