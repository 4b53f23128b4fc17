// What the gateway pushes to a wall, as columnar JSON. Times are ms since 1970 UTC, money ten-thousandths, rates 0 to 1.
import type { KpiId } from "../../stream/contract/kpis.ts";
import type { Dimension } from "../../stream/contract/dimensions.ts";

/** Over what a tile's figure is taken. `today` follows the store's midnight; `settled` ends where conversion has settled. */
export type Window = "1m" | "5m" | "15m" | "60m" | "24h" | "today" | "today-settled" | "now";

export interface TileDefinition {
  /** `visitors`: the gauge of sessions active in the last 5 min, which is not a sum of panes. */
  readonly kpi: KpiId | "visitors";
  readonly window: Window;
  /** The figure is divided by the minutes of its window. */
  readonly perMinute: boolean;
  /** Its line: how far back, and over how many minutes each point is taken (0: cumulative since midnight). */
  readonly series: { readonly minutes: number; readonly rolling: number } | null;
}

/** Every tile of the wall, complete by type. */
export const TILES = {
  revenue_today: { kpi: "net_sales", window: "today", perMinute: false, series: null },
  orders_per_min: { kpi: "orders", window: "15m", perMinute: true, series: null },
  conversion_live: { kpi: "orders_per_session", window: "60m", perMinute: false, series: null },
  conversion: {
    kpi: "conversion_rate",
    window: "today-settled",
    perMinute: false,
    series: { minutes: 180, rolling: 30 },
  },
  aov: { kpi: "aov", window: "today", perMinute: false, series: { minutes: 60, rolling: 60 } },
  visitors_now: { kpi: "visitors", window: "now", perMinute: false, series: { minutes: 60, rolling: 5 } },
  carts_abandoned: {
    kpi: "cart_abandonment",
    window: "today-settled",
    perMinute: false,
    series: { minutes: 180, rolling: 30 },
  },
  payments_failed: {
    kpi: "payment_failure_rate",
    window: "60m",
    perMinute: false,
    series: { minutes: 60, rolling: 60 },
  },
  refunds_today: { kpi: "refunds", window: "today", perMinute: false, series: { minutes: 60, rolling: 0 } },
  revenue_60m: { kpi: "net_sales", window: "60m", perMinute: false, series: { minutes: 60, rolling: 5 } },
  conversion_60m: {
    kpi: "orders_per_session",
    window: "60m",
    perMinute: false,
    series: { minutes: 60, rolling: 15 },
  },
} as const satisfies Record<string, TileDefinition>;

export type TileId = keyof typeof TILES;

/** Why there is no figure. */
export type Absent =
  | "n-too-small" // fewer than 100 sessions or attempts: show the counts
  | "no-sessions" // orders, but no session data
  | "no-orders" // nothing to divide by
  | "no-data"; // nothing known for this window

export interface Comparison {
  /** The figure at the same elapsed time, same weekday last week; null: not known. */
  readonly value: number | null;
  /** Relative change for sums, counts and means (0.1 = +10 %), difference for rates (0.001 = 0.1 pp). */
  readonly change: number | null;
  readonly kind: "relative" | "points";
  /** outside: the interval or the usual range excludes "no change". within: noise. unknown: too little history to tell. */
  readonly evidence: "outside" | "within" | "unknown";
  /** The moment it is compared with. */
  readonly at: number;
}

/** Minutes that records changed after they had settled: pane starts, ascending. A late event that is not about money is a record, too. */
export interface Revised {
  readonly start: readonly number[];
  /** So many records changed the minute. */
  readonly records: readonly number[];
  /** What they did to its net sales. */
  readonly sales: readonly number[];
}

/** The revised minutes of a window. */
export interface WindowRevised {
  /** How many minutes were revised, and what that did to net sales in all. */
  readonly minutes: number;
  readonly sales: number;
  /** The newest of them, at most NEWEST_REVISED. */
  readonly newest: Revised;
}

export interface Figure {
  readonly value: number | null;
  readonly absent: Absent | null;
  readonly numerator: number;
  readonly denominator: number | null;
  /** 95 %: Wilson for proportions. */
  readonly interval: readonly [number, number] | null;
  readonly compare: Comparison | null;
  /** The window the figure was taken over. */
  readonly from: number;
  readonly to: number;
  /** null: no minute of the window was revised. */
  readonly revised: WindowRevised | null;
}

export interface Series {
  /** Pane starts, ascending and unique, one a minute. */
  readonly start: readonly number[];
  readonly now: readonly (number | null)[];
  /** The same minutes a week ago; null where nothing is stored. */
  readonly ghost: readonly (number | null)[];
  /** Points at or after this are provisional; null: all are final. */
  readonly settledUntil: number | null;
  /** Every revised minute of the whole line, in a push too. A point that sums several minutes is marked for its own alone. */
  readonly revised: Revised;
}

/** Is what the wall shows true now, and if not, whose fault is it. */
export interface Freshness {
  /**
   * live: caught up, or behind by less than 5 s · behind: the worker lags its log · stale: no word from a partition for 5 s ·
   * starting: nothing was seen yet.
   */
  readonly state: "live" | "behind" | "stale" | "starting";
  /** The moment up to which the figures are true: last heartbeat where caught up, else append time of the last applied record. */
  readonly freshAt: number | null;
  /** Least watermark of the partitions that are not idle. */
  readonly watermark: number | null;
  /** Partitions heard from in the last 5 s, of all known. */
  readonly partitionsHeard: number;
  readonly partitions: number;
  /** No event of this store for this long, in ms, though the pipeline is live; null: there were none at all. */
  readonly silentFor: number | null;
}

export interface StoreInfo {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
  readonly currency: string;
}

export interface WallState {
  readonly store: StoreInfo;
  readonly build: string;
  /** Wall clock of the gateway when this was made. */
  readonly serverNow: number;
  /** Event time the windows end at. */
  readonly asOf: number;
  readonly freshness: Freshness;
  readonly tiles: Readonly<Partial<Record<TileId, Figure>>>;
  readonly lastOrder: { readonly value: number; readonly occurredAt: number } | null;
  /** Complete in a snapshot and in every WHOLE_EVERY-th push; else only the last few points, keyed by pane start. */
  readonly series: Readonly<Partial<Record<TileId, Series>>>;
  /** Counts up by one with each push of a room; a client that misses more points than it was sent asks for a snapshot. */
  readonly sequence: number;
}

export interface Subscription {
  readonly store: string;
  readonly dimension: Dimension;
  readonly value: string;
  readonly tiles: readonly TileId[];
}

export type SubscribeAnswer =
  | { readonly ok: true; readonly room: string; readonly snapshot: WallState }
  | { readonly ok: false; readonly code: string; readonly message: string };

export interface Heartbeat {
  readonly at: number;
  readonly build: string;
}

/** Socket.IO events, server to client. `state` and `heartbeat` are volatile. */
export interface ServerToClient {
  state: (room: string, state: WallState) => void;
  heartbeat: (beat: Heartbeat) => void;
}

export interface ClientToServer {
  subscribe: (subscription: Subscription, answer: (answer: SubscribeAnswer) => void) => void;
}

/** The points that a push repeats at the end of each series. */
export const RESENT_POINTS = 5;
/** So many pushes, 15 to 60 s, after which one carries whole lines: what changed further back, as a revision does, is then drawn. */
export const WHOLE_EVERY = 60;
export const NEWEST_REVISED = 5;
export const PUSHES_PER_SECOND = 4;
export const HEARTBEAT_EVERY_MS = 1000;
