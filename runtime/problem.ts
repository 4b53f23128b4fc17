// Errors of an HTTP interface as RFC 9457 problem details.
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

export function problem(c: Context, status: ContentfulStatusCode, title: string, detail: string): Response {
  const body = { type: "about:blank", title, status, detail, instance: c.req.path };
  return c.body(JSON.stringify(body), status, { "content-type": "application/problem+json" });
}
