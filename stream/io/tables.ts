// How rows of the fold become rows of ClickHouse: columns and their bytes side by side, one table after the other.
import { LATEST } from "../../producers/contract/usable.ts";
import { VERDICTS, type Verdict } from "../contract/accounting.ts";
import { MEASURES, type Measure } from "../contract/measures.ts";
import { cappedSum, type FlushWork } from "../core/flush-work.ts";
import type { Cut } from "../core/cut.ts";
import type { Pane } from "../core/panes.ts";
import type { Read } from "../core/read.ts";
import { netEffect, type Fault } from "../core/screen.ts";
import { NEVER, type OrderRow } from "../core/session.ts";
import type { Session } from "../core/sessions.ts";
import { RowBinaryWriter } from "../../clickhouse/row-binary.ts";

/** Which fold the rows belong to; a part of every key. */
export interface Origin {
  readonly source: string;
  readonly partition: number;
  readonly generation: number;
}

const SESSION_KEY = ["source", "partition", "generation", "kind", "session_id", "session_started_at"];
const PEOPLE = ["visitor_id", "customer_id"];
const CUT = ["store", "channel", "campaign", "country", "region", "device", "segment", "bot"];

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
    ...PEOPLE,
    ...CUT,
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
    ...PEOPLE,
    ...CUT,
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
  "revised_sales",
]);
const IS_WIDE = MEASURES.map((measure) => WIDE.has(measure));

const encode = (write: (to: RowBinaryWriter) => void): Buffer => {
  const writer = new RowBinaryWriter(256);
  write(writer);
  return writer.take();
};

/** The columns that all rows of a fold share. */
export const encodeOrigin = ({ source, partition, generation }: Origin): Buffer =>
  encode((to) => {
    to.string(source);
    to.u16(partition);
    to.u32(generation);
  });

function writeSessionKey(to: RowBinaryWriter, origin: Buffer, session: Session): void {
  to.encoded(origin);
  to.string(session.kind);
  session.writeId(to);
  to.i64(session.startedAt);
}

function writeProfile(to: RowBinaryWriter, { people, cut }: Session): void {
  to.range(people.bytes, people.visitorAt, people.visitorEnd);
  to.range(people.bytes, people.customerAt, people.customerEnd);
  to.encoded((cut.stored ??= encode((writer) => writeCut(writer, cut))));
}

function writeCut(to: RowBinaryWriter, cut: Cut): void {
  to.string(cut.store);
  to.string(cut.channel);
  to.string(cut.campaign);
  to.string(cut.country);
  to.string(cut.region);
  to.string(cut.device);
  to.string(cut.segment);
  to.bool(cut.bot);
}

export function writeRaw(to: RowBinaryWriter, origin: Buffer, read: Read, verdict: Verdict, fault: Fault | null): void {
  const { record, event, type } = read;
  const { bytes } = record;
  to.encoded(origin);
  to.i64(record.offset);
  to.i64(record.timestamp);
  to.range(bytes, Math.max(0, record.keyAt), record.keyAt === -1 ? 0 : record.keyEnd);
  to.range(bytes, Math.max(0, record.valueAt), record.valueAt === -1 ? 0 : record.valueEnd);
  to.string(type ?? "");
  if (event !== null || type === null) {
    to.string(event?.store ?? "");
    to.string(event?.event_id ?? "");
    to.i64(withinDateTime(event?.occurred_at));
    to.string(event?.session_id ?? "");
    to.i64(withinDateTime(event?.session_started_at));
  } else {
    to.string(read.store!.id);
    to.range(bytes, read.eventIdAt, read.eventIdEnd);
    to.i64(read.occurredAt);
    to.range(bytes, read.idAt, read.idEnd);
    to.i64(read.startedAt);
  }
  if (event === null && fault === null) return to.encoded(ENDINGS[verdict]);
  writeEnding(to, verdict, fault, event);
}

function writeEnding(to: RowBinaryWriter, verdict: Verdict, fault: Fault | null, event: Read["event"]): void {
  const net = event === null ? { currency: "", amount: 0 } : netEffect(event);
  to.string(verdict);
  to.string(fault?.reason ?? "");
  to.string(fault?.detail ?? "");
  to.string(net.currency);
  to.i64(Number.isSafeInteger(net.amount) ? net.amount : 0);
}

/** Of simple events, by verdict. */
const ENDINGS = Object.fromEntries(
  VERDICTS.map((verdict) => [verdict, encode((to) => writeEnding(to, verdict, null, null))]),
) as Readonly<Record<Verdict, Buffer>>;

/** A dead letter may carry any number as its time, and the column has an end: what cannot be a time is stored as 1970. */
const withinDateTime = (ms: number | null | undefined): number =>
  ms !== null && ms !== undefined && ms >= 0 && ms < LATEST ? ms : 0;

export function writeSession(to: RowBinaryWriter, origin: Buffer, slot: number, { fold }: FlushWork): void {
  const session = fold.memory.sessions.at(slot);
  writeSessionKey(to, origin, session);
  to.i64(session.upto);
  writeProfile(to, session);
  to.i64(session.activeAt);
  to.i64(session.lastEventAt);
  to.i64(session.firstOffset);
  writeOffset(to, session.firstOrder);
  writeOffset(to, session.firstCart);
  writeOffset(to, session.firstCheckout);
  to.varint(session.seen);
  session.writeSeen(0, to);
  to.varint(session.seen);
  session.writeSeen(1, to);
}

/** A Nullable column. */
function writeOffset(to: RowBinaryWriter, at: number): void {
  to.bool(at === NEVER);
  if (at !== NEVER) to.i64(at);
}

export function writeOrder(to: RowBinaryWriter, origin: Buffer, order: OrderRow, { fold }: FlushWork): void {
  const { placed } = order;
  const session = fold.memory.sessions.at(order.slot);
  const lines = placed?.lines ?? [];
  const takes = [...order.takes.values()];
  writeSessionKey(to, origin, session);
  to.string(order.orderId);
  to.i64(order.upto);
  writeProfile(to, session);
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
  to.array(lines, (line) => to.u32(line.quantity));
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

export function writePane(to: RowBinaryWriter, origin: Buffer, pane: Pane): void {
  const { series, sketch } = pane;
  to.encoded(origin);
  to.string(series.store);
  to.u16(pane.width);
  to.string(series.dimension);
  to.string(series.value);
  to.u32(pane.start);
  to.i64(pane.upto);
  for (let i = 0; i < IS_WIDE.length; i++)
    if (IS_WIDE[i]) to.i64(cappedSum(pane.measures[i]!));
    else to.u32(pane.measures[i]!);
  to.array(sketch?.index ?? [], (bucket) => to.u32(bucket));
  to.array(sketch?.count ?? [], (count) => to.u32(count));
}
