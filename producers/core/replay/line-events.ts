// A group of lines as shop events. Ids come from the export's own, so a second run makes duplicates and nothing else.
import type { Common, EventOf, ShopEvent } from "../../contract/events.ts";
import type { Group } from "./grouping.ts";
import type { Line, LineKind } from "./order-line.ts";

export interface Naming {
  readonly store: string;
  readonly currency: string;
  /** Begins every event id; event ids of two exports must not collide. */
  readonly source: string;
}

/** An order or a refund is one event, each write-off one of its own. */
export function eventsOf(group: Group, naming: Naming): ShopEvent[] {
  return EVENTS[group.lines[0]!.kind](group, naming);
}

const EVENTS: Readonly<Record<LineKind, (group: Group, naming: Naming) => ShopEvent[]>> = {
  order: (group, naming) => [orderOf(group, naming)],
  refund: (group, naming) => [refundOf(group, naming)],
  stock: (group, naming) =>
    group.lines.map((line, index) => stockChangeOf(line, `${idOf(group)}/${index + 1}`, naming)),
};

/** Later parts are named apart, or they would be taken for repeats of the first. */
const idOf = ({ lines, part }: Group): string => (part === 1 ? lines[0]!.id : `${lines[0]!.id}~${part}`);

function orderOf(group: Group, naming: Naming): EventOf<"order_placed"> {
  const first = group.lines[0]!;
  return {
    type: "order_placed",
    ...commonOf(first, `order/${idOf(group)}`, naming),
    order_id: idOf(group),
    placed_at: first.time,
    currency: naming.currency,
    lines: group.lines.map(({ sku, name, category, quantity, price }) => ({
      sku,
      name,
      category,
      quantity,
      unit_price: price,
    })),
    discount: 0,
    tax: 0,
    shipping: 0,
  };
}

/** Names no order: exports do not say which one the goods came from. */
function refundOf(group: Group, naming: Naming): EventOf<"order_refunded"> {
  const first = group.lines[0]!;
  const lines = group.lines.map(({ sku, name, category, quantity, price }) => ({
    sku,
    name,
    category,
    quantity: -quantity,
    goods: -quantity * price,
  }));
  return {
    type: "order_refunded",
    ...commonOf(first, `refund/${idOf(group)}`, naming),
    refund_id: idOf(group),
    order_id: null,
    placed_at: first.time,
    lines,
    goods: lines.reduce((sum, line) => sum + line.goods, 0),
    tax: 0,
    shipping: 0,
    currency: naming.currency,
    reason: null,
  };
}

function stockChangeOf(line: Line, id: string, naming: Naming): EventOf<"stock_changed"> {
  return {
    type: "stock_changed",
    ...commonOf(line, `stock/${id}`, naming),
    sku: line.sku,
    on_hand: null,
    change: line.quantity,
    reason: line.name === "" ? null : line.name,
  };
}

function commonOf({ time, about }: Line, id: string, { store, source }: Naming): Common {
  return {
    event_id: `${source}/${id}`,
    occurred_at: time,
    store,
    session_id: null,
    session_started_at: null,
    visitor_id: null,
    customer_id: about.customer,
    channel: about.channel,
    campaign: about.campaign,
    country: about.country,
    region: about.region,
    device: about.device,
    segment: about.segment,
    user_agent: null,
    test: false,
  };
}
