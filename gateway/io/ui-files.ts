// The built UI: hashed assets for ever, the page itself never cached; every other address is the page (its router decides).
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono, type MiddlewareHandler } from "hono";

const NOT_BUILT = `<!doctype html><html lang="en"><title>Tidemark</title>
<body><h1>The gateway runs, but its pages are not built.</h1>
<p>Run <code>npm run build</code>, then start the gateway again. The API answers already: <a href="/api/openapi.json">/api/openapi.json</a>.</p>
</body></html>`;

/** What tells one build of the UI from another: screens reload when it changes. `fallback` where the UI is not built. */
export function buildId(folder: string, fallback: string): string {
  const page = `${folder}/index.html`;
  return existsSync(page) ? createHash("sha256").update(readFileSync(page)).digest("hex").slice(0, 12) : fallback;
}

/** `folder`: where index.html and assets/ are. */
export function uiFiles(folder: string): Hono {
  const app = new Hono();
  if (!existsSync(`${folder}/index.html`)) return app.get("*", (c) => c.html(NOT_BUILT, 503));
  const files = { root: folder, precompressed: true };
  app.get("/assets/*", cached("public, max-age=31536000, immutable"), serveStatic(files), (c) => c.notFound());
  app.get("*", cached("no-cache"), serveStatic(files), serveStatic({ ...files, path: "index.html" }));
  return app;
}

const cached =
  (how: string): MiddlewareHandler =>
  async (c, next) => {
    await next();
    if (c.res.ok) c.header("cache-control", how);
  };
