import { pino } from "pino";
import type { Hono } from "hono";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { MAX_BODY_BYTES, type CollectAnswer } from "../contract/collect.ts";
import { MemoryLog } from "../../tests/support/memory-log.ts";
import { collectorApp, type CollectorSettings } from "./collector-app.ts";

const NOW = Date.UTC(2026, 10, 17, 14, 5);
const SHOP = "https://shop.example";

let log: MemoryLog;
let app: Hono;

function appOf(settings: Partial<CollectorSettings> = {}): Hono {
  return collectorApp(
    {
      stores: new Set(["shop"]),
      origins: [SHOP],
      eventsPerMinute: 600,
      countryHeader: "",
      snippet: "tidemark()",
      ...settings,
    },
    {
      append: log.append,
      kafkaAnswers: () => log.up,
      addressOf: (c) => c.req.header("x-address") ?? "1.2.3.4",
      log: pino({ level: "silent" }),
      now: () => NOW,
    },
  );
}

beforeEach(() => {
  log = new MemoryLog();
  app = appOf();
});

const view = (event_id: string, more: object = {}): object => ({
  type: "page_viewed",
  event_id,
  occurred_at: NOW,
  store: "shop",
  session_id: "s1",
  session_started_at: NOW,
  page: "/",
  ...more,
});

interface Asked {
  status: number;
  headers: Headers;
  body: CollectAnswer & { detail: string; title: string };
}

async function post(body: unknown, headers: Record<string, string> = {}, to = app): Promise<Asked> {
  const response = await to.request("http://collect.example/collect", {
    method: "POST",
    headers: { "content-type": "text/plain;charset=UTF-8", host: "collect.example", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) as Asked["body"] };
}

const isProblem = ({ headers }: Asked): void => {
  expect(headers.get("content-type")).toBe("application/problem+json");
};

describe("events", () => {
  test("are answered one by one, and those accepted are on the log", async () => {
    const answer = await post({ events: [view("e1"), view("e2", { store: "other" }), view("e3")] });
    expect(answer.status).toBe(207);
    expect(answer.body).toEqual({
      now: NOW,
      accepted: 2,
      rejected: 1,
      events: [
        { index: 0, event_id: "e1", status: "accepted" },
        { index: 1, event_id: "e2", status: "rejected", reason: "store-unknown", detail: expect.any(String) as string },
        { index: 2, event_id: "e3", status: "accepted" },
      ],
    });
    expect(log.ids()).toEqual(["e1", "e3"]);
  });

  test.each(["text/plain", "text/plain;charset=UTF-8", "application/json"])("come as %s", async (type) => {
    expect((await post({ events: [view("e1")] }, { "content-type": type })).status).toBe(200);
  });

  test("get the user agent and the country of the request", async () => {
    const cdn = appOf({ countryHeader: "CF-IPCountry" });
    await post({ events: [view("e1", { country: "FR" })] }, { "user-agent": "Firefox", "cf-ipcountry": "DE" }, cdn);
    await post({ events: [view("e2", { country: "FR" })] }, { "cf-ipcountry": "DE" });
    expect(log.events).toMatchObject([
      { user_agent: "Firefox", country: "DE" },
      { user_agent: null, country: "FR" },
    ]);
  });

  test("are not answered before the log has acknowledged them", async () => {
    let acknowledge = (): void => undefined;
    log.before = new Promise((resolve) => (acknowledge = resolve));
    let answered = false;
    const asked = post({ events: [view("e1")] }).finally(() => (answered = true));
    await vi.waitFor(() => expect(log.asked).toBe(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    acknowledge();
    expect((await asked).status).toBe(200);
  });

  test("are asked for again while the log is away, and accepted when it is back", async () => {
    log.up = false;
    const away = await post({ events: [view("e1")] });
    expect(away.status).toBe(503);
    expect(away.headers.get("retry-after")).toBe("5");
    isProblem(away);
    log.up = true;
    expect((await post({ events: [view("e1")] })).status).toBe(200);
    expect(log.ids()).toEqual(["e1"]);
  });
});

describe("a request is refused, with what is wrong:", () => {
  test("a malformed body", async () => {
    const answer = await post("{");
    expect(answer.status).toBe(400);
    isProblem(answer);
    expect(answer.body).toMatchObject({ status: 400, title: "Malformed body", instance: "/collect" });
    expect(answer.body.detail).toContain("not JSON");
  });

  test("a body that is too large, whether it says so or not", async () => {
    const large = "x".repeat(MAX_BODY_BYTES + 1);
    const answer = await post(large);
    expect(answer.status).toBe(413);
    isProblem(answer);
    const stream = { body: new Blob([large]).stream(), duplex: "half" }; // Node asks for duplex; the DOM's types do not know it
    const headers = { "content-type": "text/plain" };
    expect((await app.request("/collect", { method: "POST", headers, ...stream })).status).toBe(413);
    expect((await post("x".repeat(MAX_BODY_BYTES))).status).toBe(400);
  });

  test("another content type", async () => {
    const answer = await post({ events: [view("e1")] }, { "content-type": "application/x-www-form-urlencoded" });
    expect(answer.status).toBe(415);
    isProblem(answer);
  });

  test("an address that is not there", async () => {
    const response = await app.request("/nothing");
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  });
});

describe("an address", () => {
  test("may send so many events a minute, and is told when it may go on", async () => {
    const strict = appOf({ eventsPerMinute: 3 });
    const send = (count: number, address: string): Promise<Asked> => {
      const events = Array.from({ length: count }, (_, nth) => view(`${address}-${nth}`));
      return post({ events }, { "x-address": address }, strict);
    };
    expect((await send(2, "a")).status).toBe(200);
    const refused = await send(2, "a");
    expect(refused.status).toBe(429);
    isProblem(refused);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(55);
    expect((await send(1, "b")).status).toBe(200);
    expect(log.ids()).toEqual(["a-0", "a-1", "b-0"]);
  });

  test("may send a batch larger than its allowance once a minute, or it could never be sent", async () => {
    const strict = appOf({ eventsPerMinute: 1 });
    const events = [view("e1"), view("e2")];
    expect((await post({ events }, {}, strict)).status).toBe(200);
    expect((await post({ events }, {}, strict)).status).toBe(429);
  });
});

describe("a page of", () => {
  const preflight = (origin: string): Promise<Response> =>
    Promise.resolve(
      app.request("http://collect.example/collect", {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST", host: "collect.example" },
      }),
    );

  test("an origin on the list may send, and is named, without credentials", async () => {
    const { status, headers } = await post({ events: [view("e1")] }, { origin: SHOP });
    expect(status).toBe(200);
    expect(headers.get("access-control-allow-origin")).toBe(SHOP);
    expect(headers.get("access-control-allow-credentials")).toBeNull();
    expect(headers.get("vary")).toContain("Origin");
    const asked = await preflight(SHOP);
    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-headers")).toBe("Content-Type");
    expect(asked.headers.get("access-control-allow-methods")).toContain("POST");
  });

  test.each(["https://evil.example", "http://shop.example", "https://shop.example:8443", "null"])(
    "%s may not, and nothing is on the log",
    async (origin) => {
      const answer = await post({ events: [view("e1")] }, { origin });
      expect(answer.status).toBe(403);
      isProblem(answer);
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
      expect((await preflight(origin)).status).toBe(403);
      expect(log.events).toEqual([]);
    },
  );

  test("the collector's own origin may, and so may whatever is no page", async () => {
    const own = appOf({ origins: [] });
    expect((await post({ events: [view("e1")] }, { origin: "http://collect.example" }, own)).status).toBe(200);
    expect((await post({ events: [view("e2")] }, {}, own)).status).toBe(200);
    expect((await post({ events: [view("e3")] }, { origin: SHOP }, own)).status).toBe(403);
  });

  test("an origin on the list is told of problems, too", async () => {
    log.up = false;
    const { status, headers } = await post({ events: [view("e1")] }, { origin: SHOP });
    expect(status).toBe(503);
    expect(headers.get("access-control-allow-origin")).toBe(SHOP);
    expect(headers.get("access-control-expose-headers")).toContain("Retry-After");
  });

  test("an origin on the list can read the clock", async () => {
    const response = await app.request("/clock", { headers: { origin: SHOP } });
    expect(await response.json()).toEqual({ now: NOW });
    expect(response.headers.get("access-control-allow-origin")).toBe(SHOP);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });
});

describe("the snippet", () => {
  test("is cached, and not sent again to whoever has it", async () => {
    const first = await app.request("/tidemark.js");
    expect(first.headers.get("content-type")).toContain("text/javascript");
    expect(first.headers.get("cache-control")).toBe("public, max-age=3600");
    expect(first.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    expect(await first.text()).toBe("tidemark()");
    const again = await app.request("/tidemark.js", { headers: { "if-none-match": first.headers.get("etag")! } });
    expect(again.status).toBe(304);
  });

  test("says how it is made where it is not", async () => {
    const response = await appOf({ snippet: null }).request("/tidemark.js");
    expect(response.status).toBe(503);
    expect(await response.text()).toContain("npm run build");
  });
});

test("metrics count events by type and outcome, requests by status, and invent no labels", async () => {
  await post({ events: [view("e1"), view("e2", { store: "other" }), { type: "made-up" }], lost: 4 });
  await post("{");
  log.up = false;
  await post({ events: [view("e3")] });
  const text = await (await app.request("/metrics")).text();
  const sample = (line: string): number =>
    Number(
      text
        .split("\n")
        .find((candidate) => candidate.startsWith(`tidemark_collector_${line} `))
        ?.split(" ")[1],
    );
  expect(sample('events_total{type="page_viewed",outcome="accepted"}')).toBe(1);
  expect(sample('events_total{type="page_viewed",outcome="store-unknown"}')).toBe(1);
  expect(sample('events_total{type="page_viewed",outcome="unacknowledged"}')).toBe(1);
  expect(sample('events_total{type="other",outcome="type-unknown"}')).toBe(1);
  expect(sample('requests_total{status="207"}')).toBe(1);
  expect(sample('requests_total{status="400"}')).toBe(1);
  expect(sample('requests_total{status="503"}')).toBe(1);
  expect(sample("lost_events_total")).toBe(4);
  expect(sample("kafka_up")).toBe(0);
});

test("/healthz says that it lives, and whether Kafka does", async () => {
  log.up = false;
  const response = await app.request("/healthz");
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ ok: true, kafka: false });
});
