// One gateway: the model, what feeds it, and what it feeds. Order of starting: positions, topic, storage; it serves from the
// first moment on, and says in /readyz when the figures are complete.
import { setTimeout as sleep } from "node:timers/promises";
import type { Kafka } from "kafkajs";
import type { Logger } from "../../runtime/log.ts";
import type { StoreInfo } from "../contract/wall.ts";
import { MINUTE_MS } from "../core/minute-line.ts";
import { Model } from "../core/model.ts";
import { gatewayApp } from "./app.ts";
import { listen } from "../../runtime/http-server.ts";
import { DoublesWatch } from "./doubles.ts";
import { HistoryLoader } from "./history-loader.ts";
import { Metrics } from "./metrics.ts";
import { PanesTail } from "./panes-tail.ts";
import { Screens } from "./screens.ts";
import { StatusReader } from "./status.ts";
import type { Storage } from "./storage.ts";

export interface GatewaySettings {
  readonly host: string;
  readonly port: number;
  readonly panesTopic: string;
  /** Name of the live source. */
  readonly home: string;
  readonly stores: readonly StoreInfo[];
  readonly build: string;
  /** Folder of the built UI. */
  readonly ui: string;
}

export interface GatewayParts {
  readonly kafka: Kafka;
  readonly storage: Storage;
  readonly log: Logger;
  readonly now: () => number;
}

const TICK_MS = 1000;
const PING_MS = 5000;
/** Screens and requests under way get this long when the gateway stops. */
const GOODBYE_MS = 250;

export interface Gateway {
  /** Where it listens. */
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** Resolves when it listens; figures follow. */
export async function startGateway(settings: GatewaySettings, parts: GatewayParts): Promise<Gateway> {
  const { build, stores, home } = settings;
  const { storage, kafka, log, now } = parts;
  const model = new Model(stores, home, now());
  const stopping = new AbortController();

  let firstHeardAt: number | null = null;
  const tail = new PanesTail(kafka, settings.panesTopic, log, {
    onFlush: (flush) => {
      firstHeardAt ??= flush.publishedAt;
      model.applyFlush(flush);
      screens.changed();
    },
    onEnd: (fromStart) => {
      if (fromStart) model.completeSince(-Infinity);
      else if (firstHeardAt !== null) model.completeSince(Math.ceil(firstHeardAt / MINUTE_MS) * MINUTE_MS);
      log.info({ fromStart }, "has read the panes topic to its end");
    },
  });
  const loader = new HistoryLoader({ storage, model, log, now, watched: () => screens.watched });
  const doubles = new DoublesWatch(storage);
  const metrics = new Metrics({
    screens: () => screens.count,
    rooms: () => screens.rooms,
    rows: () => model.rows,
    tailLag: () => tail.lag,
    unreadable: () => tail.unreadable,
    storageUp: () => storage.up,
    partitions: () => status.partitions(),
    stores: () => stores.map(({ id }) => id),
    doubles: () => doubles.last,
  });
  const status = new StatusReader({
    model,
    storage,
    home,
    build,
    now,
    screens: () => screens.count,
    doubles: () => doubles.last,
  });
  const unready = (): string[] => [
    ...(tail.reachedEnd ? [] : ["the panes topic is being read"]),
    ...(loader.settled ? [] : ["the last hours are being loaded"]),
  ];
  const app = gatewayApp({
    model,
    storage,
    build,
    now,
    metrics,
    log,
    unready,
    ui: settings.ui,
    status: () => status.read(),
  });
  const { server, port, destroySockets } = await listen(app.fetch, settings.host, settings.port, "GATEWAY_PORT");
  const screens = new Screens(server, {
    model,
    build,
    log,
    now,
    onPush: () => metrics.pushes.inc(),
    onCut: () => metrics.cut.inc(),
  });
  const timers = [
    setInterval(() => model.tick(now()), TICK_MS),
    setInterval(() => void storage.ping(), PING_MS),
    setInterval(() => void doubles.tick(now()), TICK_MS),
  ];
  const feeding = loader.tailFrom().then((from) => {
    if (stopping.signal.aborted) return undefined;
    return Promise.all([tail.run(from), loader.run(stopping.signal)]);
  });

  return {
    port,
    stop: async () => {
      stopping.abort();
      for (const timer of timers) clearInterval(timer);
      await Promise.all([
        screens.close(), // the HTTP server closes with it
        sleep(GOODBYE_MS).then(destroySockets),
        tail.stop(),
        Promise.race([feeding, sleep(GOODBYE_MS)]),
      ]);
    },
  };
}
