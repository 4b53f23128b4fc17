// ClickHouse behind TLS and a password, as operators run it: HTTPS in front of the run's engine, which itself asks for neither.
import { readFileSync } from "node:fs";
import { request, type IncomingHttpHeaders } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificate } from "./certificates.ts";

export interface HttpsProxy {
  readonly url: string;
  /** Requests of the right user so far. */
  readonly served: () => number;
  close(): Promise<void>;
}

export interface User {
  readonly name: string;
  readonly password: string;
}

export async function startHttpsProxy({ cert, key }: Certificate, target: string, user: User): Promise<HttpsProxy> {
  let served = 0;
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (incoming, answer) => {
    if (!isFrom(user, incoming.headers)) {
      answer.writeHead(403, { "x-clickhouse-exception-code": "516" });
      answer.end(
        "Code: 516. DB::Exception: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)\n",
      );
      return;
    }
    served++;
    const { authorization: _, "x-clickhouse-user": __, "x-clickhouse-key": ___, ...headers } = incoming.headers;
    const { method, url = "/" } = incoming;
    const options = { method: method ?? "GET", headers: { ...headers, host: new URL(target).host } };
    const outgoing = request(new URL(url, target), options, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    outgoing.on("error", () => answer.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served: () => served,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** By basic authentication, or by ClickHouse's own headers. */
function isFrom({ name, password }: User, headers: IncomingHttpHeaders): boolean {
  const basic = `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
  return (
    headers.authorization === basic ||
    (headers["x-clickhouse-user"] === name && headers["x-clickhouse-key"] === password)
  );
}
