// What one event does: a function of the event and of its session's facts as of its offset. Nothing is changed here.
import type { EventOf } from "../../producers/contract/events.ts";
import { unreachable } from "../../producers/contract/unreachable.ts";
import type { Verdict } from "../contract/accounting.ts";
import { M } from "../contract/measures.ts";
import { clean } from "./clean.ts";
import { atRate, type Fixings, type Rate } from "./fixings.ts";
import { hash53 } from "./hash53.ts";
import type { Fault, SessionEvent } from "./screen.ts";
import {
  before,
  NEVER,
  takenBefore,
  type OrderRow,
  type Parts,
  type Placed,
  type SessionRow,
  type Take,
} from "./session.ts";

/** Measure and amount in turn: [M.orders, 1, M.units, 3]. */
export type Delta = number[];

export interface Effects {
  readonly verdict: Verdict;
  readonly eventHash: number;
  /** Into the pane of the session's start. */
  readonly atStart: Delta;
  /** Into the pane of the event. */
  readonly atEvent: Delta;
  /** Into the pane of the event, by category. */
  readonly byCategory: ReadonlyMap<string, Delta> | null;
  /** Order value for the quantile sketch, ten-thousandths. */
  readonly orderValue: number | null;
  readonly placed: Placed | null;
  readonly take: Take | null;
}

export type Decision =
  | { readonly kind: "effects"; readonly effects: Effects }
  | { readonly kind: "duplicate" }
  | { readonly kind: "dead"; readonly fault: Fault };

const DUPLICATE: Decision = { kind: "duplicate" };

/** The order that an event is about; the empty id is that of a refund which names none. */
export const orderIdOf = (event: SessionEvent): string | null => {
  switch (event.type) {
    case "order_placed":
    case "order_cancelled":
      return event.order_id;
    case "order_refunded":
      return event.order_id ?? "";
    default:
      return null;
  }
};

export const takeKey = (take: { kind: Take["kind"]; id: string }): string => `${take.kind}|${take.id}`;

/** `currency` is the store's; `session` may be a new one that no record has touched. */
export function decide(
  event: SessionEvent,
  offset: number,
  session: SessionRow,
  fixings: Fixings,
  currency: string,
): Decision {
  const eventHash = hash53(event.event_id);
  if (before(session.seen.get(eventHash), offset)) return DUPLICATE;
  const context: Context = { offset, session, fixings, currency, eventHash };
  switch (event.type) {
    case "order_placed":
      return decideOrder(event, context);
    case "order_refunded":
    case "order_cancelled":
      return decideTake(event, context);
    case "cart_changed":
      return effects(context, "counted", { atStart: firstTime(context, "firstCart", M.carts, M.carts_converted) });
    case "checkout_started":
      return effects(context, "counted", {
        atStart: firstTime(context, "firstCheckout", M.checkouts, M.checkouts_converted),
      });
    case "page_viewed":
      return effects(context, "counted", { atEvent: [M.page_views, 1] });
    case "product_viewed":
      return effects(context, "counted", {
        atEvent: [M.product_views, 1],
        byCategory: new Map([[clean.category(event.category), [M.product_views, 1]]]),
      });
    case "payment_failed":
      return effects(context, "counted", { atEvent: [M.payment_failures, 1] });
    case "session_started":
      return effects(context, "counted", {});
    default:
      return unreachable(event);
  }
}

interface Context {
  readonly offset: number;
  readonly session: SessionRow;
  readonly fixings: Fixings;
  readonly currency: string;
  readonly eventHash: number;
}

type Parted = Partial<Omit<Effects, "verdict" | "eventHash">>;

function effects({ session, offset, eventHash }: Context, verdict: Verdict, parts: Parted): Decision {
  const atStart = parts.atStart ?? [];
  if (session.key.kind === "session" && isFirst(session.firstOffset, offset)) atStart.push(M.sessions, 1);
  return {
    kind: "effects",
    effects: {
      verdict: session.profile.bot ? "filtered-bot" : verdict,
      eventHash,
      atStart,
      atEvent: parts.atEvent ?? [],
      byCategory: parts.byCategory ?? null,
      orderValue: parts.orderValue ?? null,
      placed: parts.placed ?? null,
      take: parts.take ?? null,
    },
  };
}

/** Is the event at `offset` the one that made this fact, or will it be? */
const isFirst = (fact: number, offset: number): boolean => fact === NEVER || fact === offset;

/** A cart or a checkout counts once a session; if the session has ordered already, as converted too. */
function firstTime(
  { session, offset }: Context,
  fact: "firstCart" | "firstCheckout",
  measure: number,
  converted: number,
): Delta {
  if (session.key.kind !== "session" || !isFirst(session[fact], offset)) return [];
  return before(session.firstOrder, offset) ? [measure, 1, converted, 1] : [measure, 1];
}

function decideOrder(event: EventOf<"order_placed">, context: Context): Decision {
  const { offset, session, fixings, currency } = context;
  const known = session.orders?.get(event.order_id)?.placed;
  if (known && known.at < offset) return DUPLICATE;

  const rate = fixings.convert(event.currency, currency, event.occurred_at);
  const placed = placeOrder(event, offset, rate);
  const atStart: Delta = [];
  if (session.key.kind === "session" && isFirst(session.firstOrder, offset)) {
    atStart.push(M.converted, 1);
    if (before(session.firstCart, offset)) atStart.push(M.carts_converted, 1);
    if (before(session.firstCheckout, offset)) atStart.push(M.checkouts_converted, 1);
  }
  if (placed.verdict !== "counted") return effects(context, placed.verdict, { atStart, placed });
  return effects(context, "counted", {
    atStart,
    atEvent: [
      M.orders,
      1,
      M.units,
      placed.units,
      M.gross,
      placed.gross,
      M.discount,
      placed.discount,
      M.tax,
      placed.tax,
      M.shipping,
      placed.shipping,
    ],
    byCategory: categoriesOf(event, placed.rate),
    orderValue: placed.gross - placed.discount,
    placed,
  });
}

function placeOrder(event: EventOf<"order_placed">, offset: number, rate: Rate | null): Placed {
  const at = rate?.rate ?? 0;
  const sum = (of: (line: EventOf<"order_placed">["lines"][number]) => number): number =>
    event.lines.reduce((total, line) => total + of(line), 0);
  const original = sum((line) => line.unit_price * line.quantity);
  const total = original - event.discount + event.tax + event.shipping;
  return {
    at: offset,
    occurredAt: event.occurred_at,
    currency: event.currency,
    rate: at,
    rateDay: rate?.day ?? "",
    worth: { goods: original - event.discount, tax: event.tax, shipping: event.shipping },
    gross: sum((line) => atRate(line.unit_price * line.quantity, at)),
    discount: atRate(event.discount, at),
    tax: atRate(event.tax, at),
    shipping: atRate(event.shipping, at),
    units: sum((line) => line.quantity),
    verdict: rate === null ? "filtered-fx" : total === 0 ? "filtered-amount" : "counted",
    lines: event.lines.map((line) => ({ ...line, category: clean.category(line.category) })),
  };
}

function categoriesOf(event: EventOf<"order_placed">, rate: number): Map<string, Delta> {
  const sums = new Map<string, { units: number; gross: number }>();
  for (const line of event.lines) {
    const category = clean.category(line.category);
    const sum = sums.get(category) ?? { units: 0, gross: 0 };
    sum.units += line.quantity;
    sum.gross += atRate(line.unit_price * line.quantity, rate);
    sums.set(category, sum);
  }
  return new Map(
    [...sums].map(([category, { units, gross }]) => [category, [M.orders, 1, M.units, units, M.gross, gross]]),
  );
}

function decideTake(event: EventOf<"order_refunded" | "order_cancelled">, context: Context): Decision {
  const { offset, session, fixings, currency } = context;
  const kind = event.type === "order_refunded" ? "refund" : "cancellation";
  const id = event.type === "order_refunded" ? event.refund_id : "";
  const order = session.orders?.get(orderIdOf(event)!);
  if (before(order?.takes.get(takeKey({ kind, id }))?.at, offset)) return DUPLICATE;

  const placed = order?.placed && order.placed.at < offset ? order.placed : null;
  if (placed) {
    const fault = beyondWorth(event, order!, placed, offset);
    if (fault) return { kind: "dead", fault };
  }
  const rate = placed ? placed.rate : (fixings.convert(event.currency, currency, event.occurred_at)?.rate ?? 0);
  const original: Parts = { goods: event.goods, tax: event.tax, shipping: event.shipping };
  const reported: Parts = {
    goods: atRate(event.goods, rate),
    tax: atRate(event.tax, rate),
    shipping: atRate(event.shipping, rate),
  };
  const take: Take = { at: offset, kind, id, occurredAt: event.occurred_at, original, reported };
  if (rate === 0) return effects(context, "filtered-fx", { take });
  return effects(context, "counted", { take, atEvent: takenDelta(kind, reported) });
}

const takenDelta = (kind: Take["kind"], { goods, tax, shipping }: Parts): Delta =>
  kind === "refund"
    ? [M.refunds, 1, M.refund_goods, goods, M.refund_tax, tax, M.refund_shipping, shipping]
    : [M.cancellations, 1, M.cancel_goods, goods, M.cancel_tax, tax, M.cancel_shipping, shipping];

/** More taken off than the order was worth, summed in the order's own currency over what came before in the log. */
function beyondWorth(
  event: EventOf<"order_refunded" | "order_cancelled">,
  order: OrderRow,
  placed: Placed,
  offset: number,
): Fault | null {
  const name = event.type === "order_refunded" ? "refund" : "cancel";
  if (event.currency !== placed.currency)
    return { reason: `${name}-currency`, detail: `${event.currency} against an order in ${placed.currency}` };
  const taken = takenBefore(order, offset);
  for (const part of ["goods", "tax", "shipping"] as const)
    if (taken[part] + event[part] > placed.worth[part])
      return {
        reason: `${name}-over`,
        detail: `${part} ${(taken[part] + event[part]) / 10_000} against an order worth ${placed.worth[part] / 10_000}`,
      };
  return null;
}
