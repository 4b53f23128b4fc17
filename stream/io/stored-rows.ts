// Rows of ClickHouse as rows of the fold: `base` is the offset up to which storage had them.
import { MEASURES } from "../contract/measures.ts";
import type { Dimension, PaneWidth } from "../contract/dimensions.ts";
import type { StoredOrder, StoredPane, StoredSession } from "../core/memory.ts";
import { NEVER, type Placed, type SessionKey, type SessionKind, type Take } from "../core/session.ts";

const ms = (column: string): string => `toUnixTimestamp64Milli(${column})`;

interface SessionColumns {
  kind: SessionKind;
  sessionId: string;
  startedAt: number;
  upto: number;
  store: string;
  visitor: string;
  customer: string;
  channel: string;
  campaign: string;
  country: string;
  region: string;
  device: string;
  segment: string;
  bot: boolean;
  activeAt: number;
  lastEventAt: number;
  firstOffset: number;
  firstOrder: number | null;
  firstCart: number | null;
  firstCheckout: number | null;
  seenId: number[];
  seenAt: number[];
}

interface OrderColumns {
  kind: SessionKind;
  sessionId: string;
  startedAt: number;
  orderId: string;
  upto: number;
  placedAt: number;
  placedOffset: number | null;
  occurredAt: number;
  verdict: Placed["verdict"];
  currency: string;
  rateDay: string;
  rate: number;
  worth: [number, number, number];
  gross: number;
  discount: number;
  tax: number;
  shipping: number;
  units: number;
  lineColumns: [sku: string[], name: string[], category: string[], quantity: number[], unitPrice: number[]];
  takeColumns: [id: string[], at: number[], kind: Take["kind"][], occurredAt: number[]];
  taken: [goods: number[], tax: number[], shipping: number[]];
  original: [goods: number[], tax: number[], shipping: number[]];
}

interface PaneColumns {
  store: string;
  width: PaneWidth;
  dimension: Dimension;
  value: string;
  startSeconds: number;
  upto: number;
  measures: number[];
  sketchIndex: number[];
  sketchCount: number[];
}

/** What is read of each table, and as what. */
export const READ = {
  sessions: {
    row: {} as SessionColumns,
    columns: `kind, session_id AS sessionId, ${ms("session_started_at")} AS startedAt, upto, store,
      visitor_id AS visitor, customer_id AS customer, channel, campaign, country, region, device, segment, bot,
      ${ms("active_at")} AS activeAt, ${ms("last_event_at")} AS lastEventAt, first_offset AS firstOffset,
      first_order_offset AS firstOrder, first_cart_offset AS firstCart, first_checkout_offset AS firstCheckout,
      seen_id AS seenId, seen_at AS seenAt`,
  },
  orders: {
    row: {} as OrderColumns,
    columns: `kind, session_id AS sessionId, ${ms("session_started_at")} AS startedAt, order_id AS orderId, upto,
      ${ms("placed_at")} AS placedAt, placed_offset AS placedOffset, ${ms("occurred_at")} AS occurredAt,
      verdict, currency, rate_day AS rateDay, rate, [worth_goods, worth_tax, worth_shipping] AS worth,
      gross, discount, tax, shipping, units,
      tuple(\`lines.sku\`, \`lines.name\`, \`lines.category\`, \`lines.quantity\`, \`lines.unit_price\`) AS lineColumns,
      tuple(\`takes.id\`, \`takes.offset\`, \`takes.kind\`,
            arrayMap(at -> ${ms("at")}, \`takes.occurred_at\`)) AS takeColumns,
      tuple(\`takes.goods\`, \`takes.tax\`, \`takes.shipping\`) AS taken,
      tuple(\`takes.original_goods\`, \`takes.original_tax\`, \`takes.original_shipping\`) AS original`,
  },
  panes: {
    row: {} as PaneColumns,
    columns: `store, width, dimension, value, toUnixTimestamp(start) AS startSeconds, upto,
      [${MEASURES.map((measure) => `toInt64(${measure})`).join(", ")}] AS measures,
      sketch_index AS sketchIndex, sketch_count AS sketchCount`,
  },
} as const;

export type ReadTable = keyof typeof READ;

export function sessionFrom(row: SessionColumns, orders: readonly StoredOrder[]): StoredSession {
  const { store, channel, campaign, country, region, device, segment, bot } = row;
  return {
    key: keyFrom(row),
    visitor: row.visitor,
    customer: row.customer,
    profile: { store, channel, campaign, country, region, device, segment, bot },
    firstOffset: row.firstOffset,
    firstOrder: row.firstOrder ?? NEVER,
    firstCart: row.firstCart ?? NEVER,
    firstCheckout: row.firstCheckout ?? NEVER,
    activeAt: row.activeAt,
    lastEventAt: row.lastEventAt,
    seenId: row.seenId,
    seenAt: row.seenAt,
    upto: row.upto,
    orders,
  };
}

export const keyFrom = (row: Pick<SessionColumns, "kind" | "sessionId" | "startedAt">): SessionKey => ({
  kind: row.kind,
  id: row.sessionId,
  startedAt: row.startedAt,
});

export function orderFrom(row: OrderColumns): StoredOrder {
  return {
    orderId: row.orderId,
    placedAt: row.placedAt,
    placed: row.placedOffset === null ? null : placedFrom(row, row.placedOffset),
    takes: row.takeColumns[0].map((_, index) => takeFrom(row, index)),
    upto: row.upto,
  };
}

function takeFrom({ takeColumns: [ids, offsets, kinds, times], taken, original }: OrderColumns, index: number): Take {
  const parts = (columns: [number[], number[], number[]]): Take["original"] => ({
    goods: columns[0][index]!,
    tax: columns[1][index]!,
    shipping: columns[2][index]!,
  });
  return {
    at: offsets[index]!,
    kind: kinds[index]!,
    id: ids[index]!,
    occurredAt: times[index]!,
    original: parts(original),
    reported: parts(taken),
  };
}

function placedFrom(row: OrderColumns, at: number): Placed {
  const [skus, names, categories, quantities, prices] = row.lineColumns;
  const [goods, tax, shipping] = row.worth;
  return {
    at,
    occurredAt: row.occurredAt,
    currency: row.currency,
    rate: row.rate,
    rateDay: row.rateDay,
    worth: { goods, tax, shipping },
    gross: row.gross,
    discount: row.discount,
    tax: row.tax,
    shipping: row.shipping,
    units: row.units,
    verdict: row.verdict,
    lines: skus.map((sku, index) => ({
      sku,
      name: names[index]!,
      category: categories[index]!,
      quantity: quantities[index]!,
      unit_price: prices[index]!,
    })),
  };
}

export function paneFrom({ startSeconds, ...row }: PaneColumns): StoredPane {
  return { ...row, start: startSeconds };
}
