import { Hono } from "hono";
import { expect, test } from "vitest";
import { clientAddress } from "./client-address.ts";

/** As the Node server hands a connection to the app. */
const from = (remoteAddress: string): object => ({ incoming: { socket: { remoteAddress } } });

async function addressOf(trustProxy: boolean, forwarded?: string): Promise<string> {
  const app = new Hono().get("/", (c) => c.text(clientAddress(c, trustProxy)));
  const headers: Record<string, string> = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return (await app.request("/", { headers }, from("10.0.0.1"))).text();
}

test("without a proxy to trust, the address is the connection's, whatever the request claims", async () => {
  expect(await addressOf(false)).toBe("10.0.0.1");
  expect(await addressOf(false, "9.9.9.9")).toBe("10.0.0.1");
});

test("a trusted proxy is believed in what it wrote itself, which comes last", async () => {
  expect(await addressOf(true, "1.1.1.1, 9.9.9.9")).toBe("9.9.9.9");
  expect(await addressOf(true)).toBe("10.0.0.1");
  expect(await addressOf(true, "")).toBe("10.0.0.1");
});
