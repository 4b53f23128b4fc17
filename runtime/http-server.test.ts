import { setTimeout as sleep } from "node:timers/promises";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { listen } from "./http-server.ts";

const started = (app: Hono, port = 0) => listen(app.fetch, "127.0.0.1", port, "COLLECTOR_PORT");

test("draining answers the requests under way, takes no more, and does not wait for idle connections", async () => {
  let answer = (): void => undefined;
  const waits = new Promise<void>((resolve) => (answer = resolve));
  const app = new Hono().get("/", (c) => c.text("idle")).get("/slow", async (c) => (await waits, c.text("slow")));
  const { port, drain } = await started(app);
  const url = `http://127.0.0.1:${port}`;
  expect(await (await fetch(url)).text()).toBe("idle"); // leaves a connection that is kept alive
  const slow = fetch(`${url}/slow`);
  await sleep(50);
  const drained = drain();
  await expect(fetch(url)).rejects.toThrow("fetch failed");
  answer();
  expect(await (await slow).text()).toBe("slow");
  await drained;
});

test("a port that is taken is named, with the setting that mends it", async () => {
  const { port, drain } = await started(new Hono());
  await expect(started(new Hono(), port)).rejects.toThrow(
    `127.0.0.1:${port} is taken by another process. Stop it, or set COLLECTOR_PORT`,
  );
  await drain();
});
