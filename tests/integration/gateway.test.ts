// The gateway on a real broker and a real engine: records of kpi.panes in, figures on a screen out.
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { Kafka, logLevel, type Producer } from "kafkajs";
import { io, type Socket as Screen } from "socket.io-client";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { createClickHouse, type ClickHouseClient } from "../../clickhouse/client.ts";
import { migrate } from "../../clickhouse/migrate.ts";
import type { MonthRow, Status } from "../../gateway/contract/status.ts";
import {
  TILES,
  type ClientToServer,
  type ServerToClient,
  type SubscribeAnswer,
  type Subscription,
  type TileId,
  type WallState,
} from "../../gateway/contract/wall.ts";
import { startGateway, type Gateway } from "../../gateway/io/gateway.ts";
import { Storage } from "../../gateway/io/storage.ts";
import { readConfig } from "../../runtime/config.ts";
import { createLogger } from "../../runtime/log.ts";
import { noCounters } from "../../stream/contract/accounting.ts";
import { encodeFlush } from "../../stream/contract/flush-codec.ts";
import type { Flush, PaneRow } from "../../stream/contract/flush.ts";
import { M, MEASURES, type Measures } from "../../stream/contract/measures.ts";
import { openGate } from "../support/gate.ts";

const MINUTE = 60_000;
const WEEK = 7 * 24 * 60 * MINUTE;
const SOON = { timeout: 60_000, interval: 50 };
const STORES = [{ id: "shop", name: "Shop", timeZone: "Europe/London", currency: "GBP" }];
const WHOLE: Subscription = { store: "shop", dimension: "total", value: "all", tiles: Object.keys(TILES) as TileId[] };

const unique = `${process.pid}_${Date.now()}`;
const db = `gateway_${unique}`;
const kafka = new Kafka({ brokers: inject("kafkaBrokers").split(","), logLevel: logLevel.NOTHING });
const address = { CLICKHOUSE_URL: inject("clickhouseUrl"), CLICKHOUSE_USER: "default", CLICKHOUSE_PASSWORD: "" };

let producer: Producer;
let clickhouse: ClickHouseClient;
const closing: (() => Promise<unknown> | void)[] = [];

beforeAll(async () => {
  producer = kafka.producer();
  await producer.connect();
  clickhouse = createClickHouse(address, "test");
  await migrate(clickhouse, { db, analytics: `${db}_analytics` }, STORES);
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});
afterAll(async () => {
  await producer.disconnect();
  await clickhouse.command({ query: `DROP DATABASE IF EXISTS ${db}_analytics` });
  await clickhouse.command({ query: `DROP DATABASE IF EXISTS ${db}` });
  await clickhouse.close();
});

let topics = 0;
async function newTopic(): Promise<string> {
  const topic = `kpi.panes.${unique}.${topics++}`;
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
  await admin.disconnect();
  return topic;
}

interface Options {
  readonly topic: string;
  readonly clickhouseUrl?: string;
  readonly database?: string;
  readonly home?: string;
}
async function newGateway({ topic, clickhouseUrl, database = db, home = "live" }: Options): Promise<Gateway> {
  const client = createClickHouse({ ...address, CLICKHOUSE_URL: clickhouseUrl ?? address.CLICKHOUSE_URL }, "test");
  const settings = {
    host: "127.0.0.1",
    port: 0,
    panesTopic: topic,
    home,
    stores: STORES,
    build: "test",
    ui: "no-such-folder",
  };
  const log = createLogger("gateway", "silent");
  const gateway = await startGateway(settings, { kafka, storage: new Storage(client, database), log, now: Date.now });
  closing.push(async () => {
    await gateway.stop();
    await client.close();
  });
  return gateway;
}

const url = (gateway: Gateway, path = ""): string => `http://127.0.0.1:${gateway.port}${path}`;
const json = async <T>(gateway: Gateway, path: string): Promise<T> =>
  (await (await fetch(url(gateway, path))).json()) as T;
const ready = (gateway: Gateway): Promise<void> =>
  vi.waitFor(async () => expect(await json(gateway, "/readyz")).toEqual({ ready: true, waiting: [] }), SOON);

type TypedScreen = Screen<ServerToClient, ClientToServer>;
function newScreen(gateway: Gateway): TypedScreen {
  const screen: TypedScreen = io(url(gateway), { transports: ["websocket"], reconnection: false, forceNew: true });
  closing.push(() => void screen.close());
  return screen;
}
const subscribe = (screen: TypedScreen, asked: Subscription): Promise<SubscribeAnswer> =>
  new Promise((resolve) => screen.emit("subscribe", asked, resolve));

/** A screen that keeps what it was pushed last. */
async function watching(
  gateway: Gateway,
): Promise<{ screen: TypedScreen; state: () => WallState; pushes: () => number }> {
  const screen = newScreen(gateway);
  const answer = await subscribe(screen, WHOLE);
  if (!answer.ok) throw new Error(answer.message);
  let last = answer.snapshot;
  let count = 0;
  screen.on("state", (_, state) => {
    last = state;
    count++;
  });
  return { screen, state: () => last, pushes: () => count };
}

const vector = (measures: Partial<Measures>): number[] => {
  const dense: number[] = MEASURES.map(() => 0);
  for (const [name, amount] of Object.entries(measures)) dense[M[name as keyof Measures]] = amount;
  return dense;
};
const pane = (at: number, upto: number, measures: Partial<Measures>): PaneRow => ({
  store: "shop",
  width: 60,
  dimension: "total",
  value: "all",
  start: Math.floor(at / MINUTE) * 60,
  upto,
  measures: vector(measures),
  sketchIndex: [],
  sketchCount: [],
});
const flush = (partition: number, panes: readonly PaneRow[], over: Partial<Flush> = {}): Flush => ({
  source: "live",
  partition,
  generation: 0,
  worker: "test",
  publishedAt: Date.now(),
  position: 10,
  logEnd: 10,
  lastAppendTime: Date.now(),
  watermark: Date.now() - 10_000,
  storageUp: true,
  storedPosition: 10,
  consumed: 10,
  parked: 0,
  counters: { ...noCounters(), counted: 10 },
  late: 0,
  visitors: [{ store: "shop", sessions: 2 }],
  lastOrders: [],
  panes,
  ...over,
});
async function publish(topic: string, ...flushes: Flush[]): Promise<void> {
  const messages = flushes.flatMap((one) => encodeFlush(one).map((value) => ({ key: String(one.partition), value })));
  await producer.send({ topic, messages });
}

/** Stored rows of the source `live`. */
async function store(partition: number, rows: readonly PaneRow[], storedDb = db, over: object = {}): Promise<void> {
  const values = rows.map(({ measures, sketchIndex, sketchCount, ...key }) => ({
    ...key,
    source: "live",
    partition,
    generation: 0,
    ...Object.fromEntries(MEASURES.map((name, i) => [name, measures[i]])),
    sketch_index: sketchIndex,
    sketch_count: sketchCount,
    ...over,
  }));
  await clickhouse.insert({ table: `${storedDb}.panes`, values, format: "JSONEachRow" });
}

describe("a screen", () => {
  test("gets a snapshot with its subscription, then what changes", async () => {
    const topic = await newTopic();
    const now = Date.now();
    await publish(
      topic,
      flush(0, [pane(now, 5, { gross: 10_000, orders: 1 })]),
      flush(1, [pane(now, 5, { gross: 700 })]),
    );
    const gateway = await newGateway({ topic });
    await ready(gateway);
    const { screen, state } = await watching(gateway);
    expect(state().tiles.revenue_60m).toMatchObject({ value: 10_700, absent: null });
    expect(state().tiles.visitors_now).toMatchObject({ value: 4 });
    expect(state().tiles.conversion_60m).toMatchObject({ absent: "no-sessions" });
    expect(state().freshness).toMatchObject({ partitions: 2, partitionsHeard: 2, state: "live" });
    expect(state().series.revenue_60m!.start).toHaveLength(60);

    let beat = 0;
    screen.on("heartbeat", ({ at }) => (beat = at));
    await publish(topic, flush(0, [pane(now, 6, { gross: 10_300, orders: 2 })]));
    await vi.waitFor(() => expect(state().tiles.revenue_60m!.value).toBe(11_000), SOON);
    expect(state().series.revenue_60m!.start).toHaveLength(5);
    await vi.waitFor(() => expect(beat).toBeGreaterThan(now), SOON);
  });

  test("is told what is wrong with what it asks for, and known stores", async () => {
    const gateway = await newGateway({ topic: await newTopic() });
    const screen = newScreen(gateway);
    expect(await subscribe(screen, { ...WHOLE, store: "nowhere" })).toMatchObject({ ok: false, code: "unknown-store" });
    const tiles = ["moonphase"] as unknown as TileId[];
    expect(await subscribe(screen, { ...WHOLE, tiles })).toMatchObject({ ok: false, code: "bad-subscription" });
    expect(screen.connected).toBe(true);
  });

  test("that takes nothing in is cut; the others go on", async () => {
    const topic = await newTopic();
    const gateway = await newGateway({ topic });
    const good = await watching(gateway);
    const stuck = newScreen(gateway);
    await subscribe(stuck, WHOLE);
    const { transport } = stuck.io.engine as unknown as { transport: { ws: { _socket?: Socket; pause(): void } } };
    transport.ws.pause(); // its socket is no longer read, as on a screen that hangs
    await vi.waitFor(async () => expect((await json<Status>(gateway, "/api/status")).screens).toBe(1), SOON);
    const before = good.pushes();
    await vi.waitFor(() => expect(good.pushes()).toBeGreaterThan(before), SOON);
    expect(good.screen.connected).toBe(true);
  });
});

describe("exactness", () => {
  test("records that come twice, out of order or late change nothing", async () => {
    const [plain, mixed] = [await newTopic(), await newTopic()];
    const now = Date.now();
    const states = [1, 2, 3, 4].map((upto) =>
      flush(upto % 2, [
        pane(now, upto, { gross: upto * 1000, orders: upto }),
        pane(now - 5 * MINUTE, upto, { gross: upto }),
      ]),
    );
    await publish(plain, ...states);
    await publish(mixed, states[3]!, states[1]!, states[2]!, states[0]!, states[2]!, states[3]!, states[1]!);
    const [one, other] = [await newGateway({ topic: plain }), await newGateway({ topic: mixed })];
    for (const gateway of [one, other]) {
      await ready(gateway);
      const { tiles } = await json<WallState>(gateway, "/api/wall?store=shop");
      expect(tiles.revenue_60m!.value).toBe(3000 + 4000 + 3 + 4);
    }
  });

  test("a restarted gateway takes the last hours from storage, and the topic from the stored offset on", async () => {
    const topic = await newTopic();
    const own = `${db}_restart`;
    await migrate(clickhouse, { db: own, analytics: `${own}_analytics` }, STORES);
    closing.push(async () => {
      await clickhouse.command({ query: `DROP DATABASE ${own}_analytics` });
      await clickhouse.command({ query: `DROP DATABASE ${own}` });
    });
    const now = Date.now();
    // offset 0 lies before the stored position: were it read again, it would not matter; here it would show
    await publish(topic, flush(0, [pane(now - 10 * MINUTE, 900, { gross: 5_000_000 })]));
    await publish(topic, flush(0, [pane(now, 4, { gross: 40 })]), flush(1, []));
    await store(0, [pane(now, 3, { gross: 30 }), pane(now - MINUTE, 2, { gross: 500 })], own);
    await store(1, [pane(now - MINUTE, 2, { gross: 600 })], own);
    const positions = [0, 1].map((partition) => ({
      source: "live",
      partition,
      generation: 0,
      upto: 3,
      partitions: 2,
      counters: "{}",
      panes_offset: 1,
      stored_at: new Date(now).toISOString().replace("T", " ").replace("Z", ""),
    }));
    await clickhouse.insert({ table: `${own}.positions`, values: positions, format: "JSONEachRow" });
    for (let start = 0; start < 2; start++) {
      const gateway = await newGateway({ topic, database: own });
      await ready(gateway);
      const { tiles, freshness } = await json<WallState>(gateway, "/api/wall?store=shop");
      expect(tiles.revenue_60m!.value).toBe(40 + 500 + 600);
      expect(freshness.partitions).toBe(2);
      await gateway.stop();
    }
  });

  test("months are exact to the ten-thousandth, in store time, of each row's last version", async () => {
    const last = Date.parse("2011-06-30T22:59:00Z"); // 23:59 in the store: still June
    const first = Date.parse("2011-06-30T23:00:00Z"); // midnight in the store: July
    await store(0, [pane(last, 1, { gross: 1, orders: 1 })]);
    await store(0, [pane(last, 9, { gross: 9_747_747_9341, discount: 1, refund_goods: 40, orders: 2 })]);
    await store(1, [pane(first, 1, { gross: 123, orders: 1 })]);
    await store(0, [pane(first, 1, { gross: 77 })], db, { generation: 3 });
    const gateway = await newGateway({ topic: await newTopic() });
    const rows = await json<MonthRow[]>(gateway, "/api/months?store=shop");
    expect(rows.filter(({ month }) => month.startsWith("2011"))).toEqual([
      {
        month: "2011-06",
        netSales: 9_747_747_9300,
        gross: 9_747_747_9341,
        refunds: 40,
        orders: 2,
        aov: 4_873_873_9670,
      },
      { month: "2011-07", netSales: 123, gross: 123, refunds: 0, orders: 1, aov: 123 },
    ]);
    const range = "from=2011-06-30T22:00:00Z&to=2011-07-01T00:00:00Z&step=3600";
    const line = await json<{ start: number[]; value: number[] }>(
      gateway,
      `/api/series?store=shop&kpi=orders&${range}`,
    );
    expect(line).toMatchObject({ start: [Date.parse("2011-06-30T22:00:00Z"), first], value: [2, 1] });
  });
});

describe("ClickHouse is away", () => {
  test("walls start and stay live, and what storage knows follows when it is back", async () => {
    const topic = await newTopic();
    const now = Date.now();
    await store(0, [pane(now - 5 * MINUTE - WEEK, 1, { gross: 800 }), pane(now - 5 * MINUTE, 1, { gross: 50 })]);
    await publish(topic, flush(0, [pane(now, 2, { gross: 1000 })]));
    const gate = await openGate(address.CLICKHOUSE_URL);
    closing.push(gate.close);
    await gate.close();
    const gateway = await newGateway({ topic, clickhouseUrl: gate.url });
    await ready(gateway);
    const { state } = await watching(gateway);
    expect(state().tiles.revenue_60m).toMatchObject({ value: 1000, compare: { value: null } });
    await publish(topic, flush(0, [pane(now, 3, { gross: 1200 })]));
    await vi.waitFor(() => expect(state().tiles.revenue_60m!.value).toBe(1200), SOON);
    expect(await json<Status>(gateway, "/api/status")).toMatchObject({ storageUp: false, deadLetters: null });
    const months = await fetch(url(gateway, "/api/months?store=shop"));
    expect([months.status, months.headers.get("content-type")]).toEqual([503, "application/problem+json"]);

    await gate.open();
    await vi.waitFor(() => expect(state().tiles.revenue_60m!.value).toBe(1250), SOON);
    await vi.waitFor(() => expect(state().tiles.revenue_60m!.compare!.value).toBe(800), SOON);
    expect((await json<Status>(gateway, "/api/status")).storageUp).toBe(true);
  });
});

describe("HTTP", () => {
  test("accounts for records, describes itself, and answers errors as problems", async () => {
    const topic = await newTopic();
    await publish(
      topic,
      flush(0, [], {
        position: 12,
        logEnd: 15,
        consumed: 12,
        counters: { ...noCounters(), counted: 11, duplicate: 1 },
      }),
    );
    const gateway = await newGateway({ topic });
    await ready(gateway);
    const status = await json<Status>(gateway, "/api/status");
    expect(status.partitions).toMatchObject([
      { source: "live", partition: 0, consumed: 12, lag: 3, counters: { counted: 11 } },
    ]);
    expect(status.deadLetters).toEqual({ byReason: {}, newest: [] });
    expect(await json(gateway, "/version")).toEqual({ build: "test" });
    expect(await json(gateway, "/api/stores")).toEqual(STORES);
    expect(await json<{ id: string; formula: string }[]>(gateway, "/api/kpis")).toContainEqual(
      expect.objectContaining({ id: "net_sales", formula: expect.stringContaining("gross") }),
    );
    const { paths } = await json<{ paths: Record<string, object> }>(gateway, "/api/openapi.json");
    expect(Object.keys(paths)).toContain("/api/series");
    const metrics = await (await fetch(url(gateway, "/metrics"))).text();
    expect(metrics).toContain('tidemark_gateway_partition_records{source="live",partition="0",verdict="counted"} 11');

    for (const [path, code] of [
      ["/api/wall?store=nowhere", 404],
      ["/api/wall", 400],
      ["/api/series?store=shop&kpi=moonphase&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", 400],
      ["/api/series?store=shop&kpi=orders&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", 400],
      ["/api/nothing", 404],
    ] as const) {
      const answer = await fetch(url(gateway, path));
      expect([path, answer.status, answer.headers.get("content-type")]).toEqual([
        path,
        code,
        "application/problem+json",
      ]);
      expect(await answer.json()).toMatchObject({ status: code, detail: expect.any(String) });
    }
  });

  test("says so where the pages are not built, with safe headers", async () => {
    const answer = await fetch(url(await newGateway({ topic: await newTopic() }), "/wall"));
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("npm run build");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'self'");
  });
});

test("the process serves, and leaves no consumer group behind when it is told to stop", async () => {
  const topic = await newTopic();
  const settings = {
    KAFKA_BROKERS: inject("kafkaBrokers"),
    CLICKHOUSE_URL: address.CLICKHOUSE_URL,
    CLICKHOUSE_DATABASE: db,
  };
  const env = { ...process.env, ...settings, PANES_TOPIC: topic, GATEWAY_PORT: "0", LOG_LEVEL: "debug" };
  expect(readConfig(env).PANES_TOPIC).toBe(topic);
  const child = spawn(process.execPath, ["--import", "tsx", "gateway/main.ts"], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  closing.push(() => void child.kill("SIGKILL"));
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  await vi.waitFor(() => expect(out).toMatch(/http:/), SOON);
  const base = /http:\/\/127\.0\.0\.1:\d+/.exec(out)?.[0];
  await vi.waitFor(async () => expect((await fetch(`${base}/readyz`)).status).toBe(200), SOON);
  const group = /tidemark-gateway-[0-9a-f-]{36}/.exec(out)?.[0];
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
  const admin = kafka.admin();
  await admin.connect();
  const { groups } = await admin.listGroups();
  await admin.disconnect();
  expect(group).toBeDefined();
  expect(groups.map(({ groupId }) => groupId)).not.toContain(group);
});
