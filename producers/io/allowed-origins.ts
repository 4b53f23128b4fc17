// Which pages may talk to the collector, by the Origin header that browsers set and pages cannot.
//
//   no Origin                     not a page of another origin: passes
//   the host that was asked       same origin: passes
//   on the list                   passes, and the answer names it (CORS)
//   any other, "null" included    403
//
// Nothing is ever answered with credentials: the collector knows no cookies.
import type { MiddlewareHandler } from "hono";
import { problem } from "../../runtime/problem.ts";

/** Browsers keep a preflight's answer for two hours at most. */
const PREFLIGHT_KEPT_S = 7200;

export function allowedOrigins(origins: readonly string[]): MiddlewareHandler {
  return async (c, next) => {
    c.header("vary", "Origin", { append: true });
    const origin = c.req.header("origin");
    if (origin === undefined || hostOf(origin) === c.req.header("host")) return next();
    if (!origins.includes(origin))
      return problem(c, 403, "Origin not allowed", `Pages of ${origin} may not send events; see COLLECTOR_ORIGINS.`);
    c.header("access-control-allow-origin", origin);
    c.header("access-control-expose-headers", "Retry-After");
    if (c.req.method !== "OPTIONS") return next();
    c.header("access-control-allow-methods", "GET, POST");
    c.header("access-control-allow-headers", "Content-Type");
    c.header("access-control-max-age", String(PREFLIGHT_KEPT_S));
    return c.body(null, 204);
  };
}

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);
