// A tiny shop for the guide: events with sensible values, of which a chapter names only what it is about.
import { encodeEvent, EventDecoder } from "../../producers/contract/codec.ts";
import type { Common, EventOf, OrderLine } from "../../producers/contract/events.ts";
import type { ShopEvent } from "../../producers/contract/events.ts";
import { atStart, PartitionFold } from "../../stream/core/partition-fold.ts";
import { LogRecord } from "../../stream/core/log-record.ts";
import { M, type Measure } from "../../stream/contract/measures.ts";
import { MemoryRaw } from "../support/memory-storage.ts";

/** Tuesday 17 November 2026, 14:05 in London. */
export const START = Date.UTC(2026, 10, 17, 14, 5);
export const MINUTE = 60_000;

let ids = 0;
const common = (more: Partial<Common>): Common => ({
  event_id: `event-${++ids}`,
  occurred_at: START,
  store: "shop",
  session_id: "anna",
  session_started_at: START,
  visitor_id: null,
  customer_id: null,
  channel: "email",
  campaign: null,
  country: "United Kingdom",
  region: null,
  device: "mobile",
  segment: null,
  user_agent: null,
  test: false,
  ...more,
});

export const view = (more: Partial<Common> = {}): EventOf<"page_viewed"> => ({
  type: "page_viewed",
  ...common(more),
  page: "/",
});

export const cart = (more: Partial<Common> = {}): EventOf<"cart_changed"> => ({
  type: "cart_changed",
  ...common(more),
  sku: "lamp",
  category: "Home & Garden",
  quantity: 1,
});

/** An order of one lamp at £84.50, unless its lines say otherwise. */
export const order = (
  order_id: string,
  more: Partial<Common & { lines: OrderLine[] }> = {},
): EventOf<"order_placed"> => {
  const { lines, ...rest } = more;
  const fields = common(rest);
  const lamp = { sku: "lamp", name: "Lamp", category: "Home & Garden", quantity: 1, unit_price: 845_000 };
  return {
    type: "order_placed",
    ...fields,
    order_id,
    placed_at: fields.occurred_at,
    currency: "GBP",
    lines: lines ?? [lamp],
    discount: 0,
    tax: 0,
    shipping: 0,
  };
};

export const refund = (
  refund_id: string,
  of: EventOf<"order_placed">,
  goods: number,
  more: Partial<Common> = {},
): EventOf<"order_refunded"> => ({
  type: "order_refunded",
  ...common({ session_id: of.session_id, session_started_at: of.session_started_at, ...more }),
  refund_id,
  order_id: of.order_id,
  placed_at: of.placed_at,
  goods,
  tax: 0,
  shipping: 0,
  currency: "GBP",
  reason: null,
  lines: [],
});

/** The log of one partition: offsets count from 0, Kafka gets each event as it happens or later. */
export const logOf = (...events: ShopEvent[]): LogRecord[] => {
  let timestamp = 0;
  return events.map((event, offset) => {
    timestamp = Math.max(timestamp, event.occurred_at);
    return LogRecord.of(offset, timestamp, null, encodeEvent(event));
  });
};

/** A fold of the shop's log from its start, with nothing in memory. */
export const newFold = (): PartitionFold =>
  new PartitionFold(
    { decoder: new EventDecoder(), currencies: new Map([["shop", "GBP"]]) },
    atStart(0),
    new MemoryRaw(),
  );

/** A measure of the pane of `time`, as the fold has it; 0 where there is none. */
export function inPane(
  fold: PartitionFold,
  time: number,
  measure: Measure,
  dimension = "total",
  value = "all",
): number {
  fold.memory.tallies.settle();
  for (const pane of fold.memory.panes.all()) {
    const of = pane.series;
    if (pane.width === 60 && pane.start * 1000 === time && of.dimension === dimension && of.value === value)
      return pane.measures[M[measure]]!;
  }
  return 0;
}
