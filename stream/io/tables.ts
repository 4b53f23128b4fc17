// How rows of the fold become rows of ClickHouse: columns and their bytes side by side, one table after the other.
import { MEASURES, type Measure } from "../contract/measures.ts";
import { sketchColumns } from "../core/flush-work.ts";
import type { Pane, Series } from "../core/panes.ts";
import type { Outcome } from "../core/partition-fold.ts";
import { NEVER, type OrderRow, type Profile, type SessionRow } from "../core/session.ts";
import type { RowBinaryWriter } from "../../clickhouse/row-binary.ts";

/** Which fold the rows belong to; a part of every key. */
export interface Origin {
  readonly source: string;
  readonly partition: number;
  readonly generation: number;
}

const SESSION_KEY = ["source", "partition", "generation", "kind", "session_id", "session_started_at"];
const PROFILE = [
  "store",
  "visitor_id",
  "customer_id",
  "channel",
  "campaign",
  "country",
  "region",
  "device",
  "segment",
  "bot",
];

export const COLUMNS = {
  raw_events: [
    "source",
    "partition",
    "generation",
    "offset",
    "appended_at",
    "key",
    "value",
    "type",
    "store",
    "event_id",
    "occurred_at",
    "session_id",
    "session_started_at",
    "verdict",
    "reason",
    "detail",
    "currency",
    "net_effect",
  ],
  sessions: [
    ...SESSION_KEY,
    "upto",
    ...PROFILE,
    "active_at",
    "last_event_at",
    "first_offset",
    "first_order_offset",
    "first_cart_offset",
    "first_checkout_offset",
    "seen_id",
    "seen_at",
  ],
  orders: [
    ...SESSION_KEY,
    "order_id",
    "upto",
    ...PROFILE,
    "placed_at",
    "placed_offset",
    "occurred_at",
    "verdict",
    "currency",
    "rate_day",
    "rate",
    "worth_goods",
    "worth_tax",
    "worth_shipping",
    "gross",
    "discount",
    "tax",
    "shipping",
    "units",
    "lines.sku",
    "lines.name",
    "lines.category",
    "lines.quantity",
    "lines.unit_price",
    "takes.id",
    "takes.offset",
    "takes.kind",
    "takes.occurred_at",
    "takes.goods",
    "takes.tax",
    "takes.shipping",
    "takes.original_goods",
    "takes.original_tax",
    "takes.original_shipping",
  ],
  panes: [
    "source",
    "partition",
    "generation",
    "store",
    "width",
    "dimension",
    "value",
    "start",
    "upto",
    ...MEASURES,
    "sketch_index",
    "sketch_count",
  ],
} as const;

export type TableName = keyof typeof COLUMNS;

/** Measures of money and units are Int64 columns, the others UInt32. */
const WIDE: ReadonlySet<Measure> = new Set<Measure>([
  "units",
  "gross",
  "discount",
  "tax",
  "shipping",
  "refund_goods",
  "refund_tax",
  "refund_shipping",
  "cancel_goods",
  "cancel_tax",
  "cancel_shipping",
]);
const IS_WIDE = MEASURES.map((measure) => WIDE.has(measure));
const NO_BYTES = Buffer.alloc(0);

function writeOrigin(to: RowBinaryWriter, origin: Origin): void {
  to.string(origin.source);
  to.u16(origin.partition);
  to.u32(origin.generation);
}

function writeSessionKey(to: RowBinaryWriter, origin: Origin, { key }: SessionRow): void {
  writeOrigin(to, origin);
  to.string(key.kind);
  to.string(key.id);
  to.i64(key.startedAt);
}

function writeProfile(to: RowBinaryWriter, profile: Profile): void {
  to.string(profile.store);
  to.string(profile.visitor);
  to.string(profile.customer);
  to.string(profile.channel);
  to.string(profile.campaign);
  to.string(profile.country);
  to.string(profile.region);
  to.string(profile.device);
  to.string(profile.segment);
  to.bool(profile.bot);
}

export function writeRaw(to: RowBinaryWriter, origin: Origin, { record, event, verdict, fault, net }: Outcome): void {
  writeOrigin(to, origin);
  to.i64(record.offset);
  to.i64(record.timestamp);
  to.bytes(record.key ?? NO_BYTES);
  to.bytes(record.value ?? NO_BYTES);
  to.string(event?.type ?? "");
  to.string(event?.store ?? "");
  to.string(event?.event_id ?? "");
  to.i64(withinDateTime(event?.occurred_at));
  to.string(event?.session_id ?? "");
  to.i64(withinDateTime(event?.session_started_at));
  to.string(verdict);
  to.string(fault?.reason ?? "");
  to.string(fault?.detail ?? "");
  to.string(net.currency);
  to.i64(Number.isSafeInteger(net.amount) ? net.amount : 0);
}

/** A dead letter may carry any number as its time; the column holds 1900 to 2299. */
function withinDateTime(ms: number | null | undefined): number {
  return ms === null || ms === undefined || Math.abs(ms) > 4e12 || ms < 0 ? 0 : ms;
}

export function writeSession(to: RowBinaryWriter, origin: Origin, session: SessionRow): void {
  const offset = (at: number): void => to.nullable(at === NEVER ? null : at, (value) => to.i64(value));
  writeSessionKey(to, origin, session);
  to.i64(session.upto);
  writeProfile(to, session.profile);
  to.i64(session.activeAt);
  to.i64(session.lastEventAt);
  to.i64(session.firstOffset);
  offset(session.firstOrder);
  offset(session.firstCart);
  offset(session.firstCheckout);
  to.array([...session.seen.keys()], (hash) => to.i64(hash));
  to.array([...session.seen.values()], (at) => to.i64(at));
}

export function writeOrder(to: RowBinaryWriter, origin: Origin, order: OrderRow): void {
  const { session, placed } = order;
  const lines = placed?.lines ?? [];
  const takes = [...order.takes.values()];
  writeSessionKey(to, origin, session);
  to.string(order.orderId);
  to.i64(order.upto);
  writeProfile(to, session.profile);
  to.i64(order.placedAt);
  to.nullable(placed?.at ?? null, (value) => to.i64(value));
  to.i64(placed?.occurredAt ?? 0);
  to.string(placed?.verdict ?? "");
  to.string(placed?.currency ?? "");
  to.string(placed?.rateDay ?? "");
  to.f64(placed?.rate ?? 0);
  to.i64(placed?.worth.goods ?? 0);
  to.i64(placed?.worth.tax ?? 0);
  to.i64(placed?.worth.shipping ?? 0);
  to.i64(placed?.gross ?? 0);
  to.i64(placed?.discount ?? 0);
  to.i64(placed?.tax ?? 0);
  to.i64(placed?.shipping ?? 0);
  to.i64(placed?.units ?? 0);
  to.array(lines, (line) => to.string(line.sku));
  to.array(lines, (line) => to.string(line.name));
  to.array(lines, (line) => to.string(line.category ?? ""));
  to.array(lines, (line) => to.i32(line.quantity));
  to.array(lines, (line) => to.i64(line.unit_price));
  to.array(takes, (take) => to.string(take.id));
  to.array(takes, (take) => to.i64(take.at));
  to.array(takes, (take) => to.string(take.kind));
  to.array(takes, (take) => to.i64(take.occurredAt));
  to.array(takes, (take) => to.i64(take.reported.goods));
  to.array(takes, (take) => to.i64(take.reported.tax));
  to.array(takes, (take) => to.i64(take.reported.shipping));
  to.array(takes, (take) => to.i64(take.original.goods));
  to.array(takes, (take) => to.i64(take.original.tax));
  to.array(takes, (take) => to.i64(take.original.shipping));
}

export function writePane(to: RowBinaryWriter, origin: Origin, pane: Pane, series: Series): void {
  const { sketchIndex, sketchCount } = sketchColumns(pane);
  writeOrigin(to, origin);
  to.string(series.store);
  to.u16(pane.width);
  to.string(series.dimension);
  to.string(series.value);
  to.u32(pane.start);
  to.i64(pane.upto);
  pane.measures.forEach((amount, index) => (IS_WIDE[index] ? to.i64(amount) : to.u32(amount)));
  to.array(sketchIndex, (bucket) => to.i32(bucket));
  to.array(sketchCount, (count) => to.u32(count));
}
