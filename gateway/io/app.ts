// Everything the gateway answers over HTTP.
import { Hono } from "hono";
import { compress } from "hono/compress";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import type { Logger } from "../../runtime/log.ts";
import { api, type ApiParts } from "./api.ts";
import type { Metrics } from "./metrics.ts";
import { problem } from "../../runtime/problem.ts";
import { uiFiles } from "./ui-files.ts";

export interface AppParts extends ApiParts {
  readonly metrics: Metrics;
  readonly log: Logger;
  /** What is not ready yet; empty: ready. */
  readonly unready: () => readonly string[];
  /** Folder of the built UI. */
  readonly ui: string;
}

export function gatewayApp(parts: AppParts): Hono {
  const { build, log, metrics, unready } = parts;
  const app = new Hono();
  app.use(
    secureHeaders({
      strictTransportSecurity: false, // whether there is TLS is for whatever stands in front of us
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        objectSrc: ["'none'"],
        frameAncestors: ["'self'"],
        baseUri: ["'self'"],
      },
    }),
  );
  app.use(compress());
  app.onError((error, c) => {
    if (error instanceof HTTPException) return problem(c, error.status, error.message, error.message);
    log.error({ err: error, path: c.req.path }, "a request failed");
    return problem(c, 500, "Internal error", "The gateway's log says more.");
  });
  app.get("/healthz", (c) => c.json({ ok: true }));
  app.get("/readyz", (c) => {
    const waiting = unready();
    return c.json({ ready: waiting.length === 0, waiting }, waiting.length === 0 ? 200 : 503);
  });
  app.get("/version", (c) => c.json({ build }, 200, { "cache-control": "no-store" }));
  app.get("/metrics", async (c) => c.body(await metrics.text(), 200, { "content-type": metrics.contentType }));
  app.route("/api", api(parts));
  app.route("/", uiFiles(parts.ui));
  return app;
}
