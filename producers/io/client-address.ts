// Who sends: the address of the connection, or what a trusted proxy says of it.
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context } from "hono";

/** The last entry of X-Forwarded-For is the one that our own proxy wrote; those before it are anybody's claim. */
export function clientAddress(c: Context, trustProxy: boolean): string {
  const forwarded = trustProxy ? c.req.header("x-forwarded-for")?.split(",").at(-1)?.trim() : undefined;
  return forwarded || (getConnInfo(c).remote.address ?? "unknown");
}
