// What one event does: a function of the event and of its session's facts as of its offset. Nothing is changed here.
import type { EventOf, OrderLine } from "../../producers/contract/events.ts";
import { GREATEST_AMOUNT } from "../../producers/contract/usable.ts";
import type { Verdict } from "../contract/accounting.ts";
import { M } from "../contract/measures.ts";
import { ByteWords } from "./byte-words.ts";
import { clean } from "./clean.ts";
import { atRate, type Fixings, type Rate } from "./fixings.ts";
import type { Read } from "./read.ts";
import { goodsOf, type Fault } from "./screen.ts";
import {
  before,
  MOST_EVENTS,
  NEVER,
  takenBefore,
  takeKey,
  type OrderRow,
  type Parts,
  type Placed,
  type Take,
} from "./session.ts";
import type { Session } from "./sessions.ts";

/** Measure and amount in turn: [M.orders, 1, M.units, 3]. */
export type Delta = readonly number[];

/** What one event adds to the pane of a category. */
export interface CategoryDelta {
  readonly category: string;
  readonly delta: Delta;
}

export interface Effects {
  readonly verdict: Verdict;
  /** Only with the verdict dead-letter. */
  readonly fault: Fault | null;
  /** Into the pane of the session's start. */
  readonly atStart: Delta;
  /** Into the pane of the event. */
  readonly atEvent: Delta;
  /** Into the pane of the event, by category. */
  readonly byCategory: readonly CategoryDelta[];
  /** Order value for the quantile sketch, ten-thousandths. */
  readonly orderValue: number | null;
  readonly placed: Placed | null;
  readonly take: Take | null;
}

const NOTHING: Delta = [];
const NO_CATEGORIES: readonly CategoryDelta[] = [];

/** All effects are made here, and have one shape. */
const effectsOf = (
  verdict: Verdict,
  fault: Fault | null,
  atStart: Delta,
  atEvent: Delta,
  byCategory: readonly CategoryDelta[],
  orderValue: number | null,
  placed: Placed | null,
  take: Take | null,
): Effects => ({ verdict, fault, atStart, atEvent, byCategory, orderValue, placed, take });

const without = (verdict: Verdict, fault: Fault | null): Effects =>
  effectsOf(verdict, fault, NOTHING, NOTHING, NO_CATEGORIES, null, null, null);
const DUPLICATE = without("duplicate", null);

/** The order that an event is about; the empty id is that of a refund which names none. null: about none. */
export function orderIdOf({ event }: Read): string | null {
  switch (event?.type) {
    case "order_placed":
    case "order_cancelled":
      return event.order_id;
    case "order_refunded":
      return event.order_id ?? "";
    default:
      return null;
  }
}

/** The first record of a session counts it, whatever else the event does. */
const FIRST: Delta = [M.sessions, 1];

/** What an event that is not about an order does: it depends on whose session it is of, and whether it is the first of that. */
interface Simple {
  readonly person: Effects;
  readonly firstOfPerson: Effects;
  readonly bot: Effects;
  readonly firstOfBot: Effects;
}

function simple(atEvent: Delta, atStart: Delta, byCategory: readonly CategoryDelta[]): Simple {
  const of = (verdict: Verdict, start: Delta): Effects =>
    effectsOf(verdict, null, start, atEvent, byCategory, null, null, null);
  const first = [...atStart, ...FIRST];
  return {
    person: of("counted", atStart),
    firstOfPerson: of("counted", first),
    bot: of("filtered-bot", atStart),
    firstOfBot: of("filtered-bot", first),
  };
}

// They are few, so that they are made once.
const SEEN = simple(NOTHING, NOTHING, NO_CATEGORIES);
const PAGE_VIEW = simple([M.page_views, 1], NOTHING, NO_CATEGORIES);
const PAYMENT_FAILURE = simple([M.payment_failures, 1], NOTHING, NO_CATEGORIES);
const PRODUCT_VIEW: Delta = [M.product_views, 1];

const viewOfCategory = (category: string | null): Simple =>
  simple(PRODUCT_VIEW, NOTHING, [{ category: clean.category(category), delta: PRODUCT_VIEW }]);
const viewsOnWire = new ByteWords((bytes, at, end) => viewOfCategory(bytes.toString("utf8", at, end)));
const viewOfNone = viewOfCategory(null);

function viewOf({ event, record, categoryAt, categoryEnd }: Read): Simple {
  if (event !== null) return viewOfCategory(event.type === "product_viewed" ? event.category : null);
  return categoryAt === -1 ? viewOfNone : viewsOnWire.get(record.bytes, categoryAt, categoryEnd);
}

/** A step that counts once a session, at its start; if the session has ordered already, as converted too. */
interface Step {
  readonly first: Simple;
  readonly converted: Simple;
}

const stepOf = (taken: number, converted: number): Step => ({
  first: simple(NOTHING, [taken, 1], NO_CATEGORIES),
  converted: simple(NOTHING, [taken, 1, converted, 1], NO_CATEGORIES),
});
const CART = stepOf(M.carts, M.carts_converted);
const CHECKOUT = stepOf(M.checkouts, M.checkouts_converted);

/** `session` may be a new one that no record has touched. A duplicate and a dead letter have no effects. */
export function decide(read: Read, session: Session, fixings: Fixings): Effects {
  if (before(session.seenAt(read.eventHash), read.offset)) return DUPLICATE;
  const fault = strayFrom(session, read);
  if (fault) return without("dead-letter", fault);
  switch (read.type) {
    case "page_viewed":
      return asOf(PAGE_VIEW, read, session);
    case "product_viewed":
      return asOf(viewOf(read), read, session);
    case "cart_changed":
      return asOf(firstTime(CART, read, session, session.firstCart), read, session);
    case "checkout_started":
      return asOf(firstTime(CHECKOUT, read, session, session.firstCheckout), read, session);
    case "payment_failed":
      return asOf(PAYMENT_FAILURE, read, session);
    case "session_started":
      return asOf(SEEN, read, session);
    case "order_placed":
      return decideOrder(read.event as EventOf<"order_placed">, { read, session, fixings });
    case "order_cancelled":
    case "order_refunded":
      return decideTake(read.event as EventOf<"order_cancelled" | "order_refunded">, { read, session, fixings });
    default:
      throw new Error(`${read.type} does not belong to a session`);
  }
}

/** null: the event may belong to this session. Its store is that of its first record, which lies before every other. */
function strayFrom(session: Session, { store, offset }: Read): Fault | null {
  if (store!.id !== session.cut.store)
    return { reason: "store-differs", detail: `store "${store!.id}" in a session of "${session.cut.store}"` };
  // its last fact lies before: so do all
  if (session.seen >= MOST_EVENTS && session.upto < offset)
    return { reason: "session-endless", detail: `${MOST_EVENTS} events under its id and start already` };
  return null;
}

interface Context {
  readonly read: Read;
  readonly session: Session;
  readonly fixings: Fixings;
}

const countsSession = (read: Read, session: Session): boolean =>
  session.kind === "session" && isFirst(session.firstOffset, read.offset);

function asOf(effects: Simple, read: Read, session: Session): Effects {
  const first = countsSession(read, session);
  if (session.bot) return first ? effects.firstOfBot : effects.bot;
  return first ? effects.firstOfPerson : effects.person;
}

function firstTime(step: Step, read: Read, session: Session, fact: number): Simple {
  if (session.kind !== "session" || !isFirst(fact, read.offset)) return SEEN;
  return before(session.firstOrder, read.offset) ? step.converted : step.first;
}

/** Those of an event about an order. */
function ofOrder(
  read: Read,
  session: Session,
  atEvent: Delta,
  atStart: Delta,
  byCategory: readonly CategoryDelta[],
  order: Pick<Effects, "orderValue" | "placed" | "take">,
  verdict: Verdict = "counted",
): Effects {
  return effectsOf(
    session.bot ? "filtered-bot" : verdict,
    null,
    countsSession(read, session) ? [...atStart, ...FIRST] : atStart,
    atEvent,
    byCategory,
    order.orderValue,
    order.placed,
    order.take,
  );
}

/** Is the event at `offset` the one that made this fact, or will it be? */
const isFirst = (fact: number, offset: number): boolean => fact === NEVER || fact === offset;

function decideOrder(event: EventOf<"order_placed">, { read, session, fixings }: Context): Effects {
  const { offset } = read;
  const known = session.orders?.get(event.order_id)?.placed;
  if (known && known.at < offset) return DUPLICATE;

  const rate = fixings.convert(event.currency, read.store!.currency, event.occurred_at);
  const placed = placeOrder(event, offset, rate);
  const atStart: number[] = [];
  if (session.kind === "session" && isFirst(session.firstOrder, offset)) {
    atStart.push(M.converted, 1);
    if (before(session.firstCart, offset)) atStart.push(M.carts_converted, 1);
    if (before(session.firstCheckout, offset)) atStart.push(M.checkouts_converted, 1);
  }
  if (placed.verdict !== "counted") {
    const order = { orderValue: null, placed, take: null };
    return ofOrder(read, session, NOTHING, atStart, NO_CATEGORIES, order, placed.verdict);
  }
  const { units, gross, discount, tax, shipping } = placed;
  const money = [M.gross, gross, M.discount, discount, M.tax, tax, M.shipping, shipping];
  const atEvent = [M.orders, 1, M.units, units, ...money];
  const order = { orderValue: gross - discount, placed, take: null };
  return ofOrder(read, session, atEvent, atStart, categoriesOf(placed), order);
}

/** The rate, where amounts stay within what is summed exactly; else none. */
const summable = (rate: Rate | null, amounts: readonly number[]): Rate | null =>
  rate !== null && Math.max(...amounts) * rate.rate <= GREATEST_AMOUNT ? rate : null;

function placeOrder(event: EventOf<"order_placed">, offset: number, fixed: Rate | null): Placed {
  const goods = goodsOf(event);
  const rate = summable(fixed, [goods, event.discount, event.tax, event.shipping]);
  const at = rate?.rate ?? 0;
  let units = 0;
  let gross = 0;
  const lines: OrderLine[] = [];
  for (const { sku, name, category, quantity, unit_price } of event.lines) {
    units += quantity;
    gross += atRate(unit_price * quantity, at);
    lines.push({ sku, name, category: clean.category(category), quantity, unit_price });
  }
  const worth: Parts = { goods: goods - event.discount, tax: event.tax, shipping: event.shipping };
  return {
    at: offset,
    occurredAt: event.occurred_at,
    currency: event.currency,
    rate: at,
    rateDay: rate?.day ?? "",
    worth,
    gross,
    discount: atRate(event.discount, at),
    tax: atRate(event.tax, at),
    shipping: atRate(event.shipping, at),
    units,
    verdict:
      rate === null ? "filtered-fx" : worth.goods + worth.tax + worth.shipping === 0 ? "filtered-amount" : "counted",
    lines,
  };
}

function categoriesOf({ lines, rate }: Placed): CategoryDelta[] {
  const sums = new Map<string, { units: number; gross: number }>();
  for (const { category, quantity, unit_price } of lines) {
    const sum = sums.get(category!) ?? { units: 0, gross: 0 };
    sum.units += quantity;
    sum.gross += atRate(unit_price * quantity, rate);
    sums.set(category!, sum);
  }
  return [...sums].map(([category, { units, gross }]) => ({
    category,
    delta: [M.orders, 1, M.units, units, M.gross, gross],
  }));
}

function decideTake(
  event: EventOf<"order_refunded" | "order_cancelled">,
  { read, session, fixings }: Context,
): Effects {
  const { offset } = read;
  const kind = event.type === "order_refunded" ? "refund" : "cancellation";
  const id = event.type === "order_refunded" ? event.refund_id : "";
  const order = session.orders?.get(orderIdOf(read)!);
  if (before(order?.takes.get(takeKey({ kind, id }))?.at ?? NEVER, offset)) return DUPLICATE;

  const placed = order?.placed && order.placed.at < offset ? order.placed : null;
  if (placed) {
    const fault = beyondWorth(event, order!, placed, offset);
    if (fault) return without("dead-letter", fault);
  }
  const { currency } = read.store!;
  const original: Parts = { goods: event.goods, tax: event.tax, shipping: event.shipping };
  const fixed = placed ? null : fixings.convert(event.currency, currency, event.occurred_at);
  const rate = (placed ?? summable(fixed, [event.goods, event.tax, event.shipping]))?.rate ?? 0;
  const reported: Parts = {
    goods: atRate(event.goods, rate),
    tax: atRate(event.tax, rate),
    shipping: atRate(event.shipping, rate),
  };
  const take: Take = { at: offset, kind, id, occurredAt: event.occurred_at, original, reported };
  const taken = { orderValue: null, placed: null, take };
  if (rate === 0) return ofOrder(read, session, NOTHING, NOTHING, NO_CATEGORIES, taken, "filtered-fx");
  return ofOrder(read, session, takenDelta(kind, reported), NOTHING, NO_CATEGORIES, taken);
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
