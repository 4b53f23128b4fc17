// Where an event's effects go, and putting them there. All that one event does to one row is one application:
// the pane of the session's start and the pane of the event may be the same row.
import type { ShopEvent } from "../../producers/contract/events.ts";
import { PUBLISHED_MS, SECONDS_KEPT_MS } from "../contract/lateness.ts";
import type { PaneWidth } from "../contract/dimensions.ts";
import { clean } from "./clean.ts";
import { takeKey, type Delta, type Effects } from "./decide.ts";
import type { LogRecord } from "./log-record.ts";
import { isEmpty, type Memory, type Needs } from "./memory.ts";
import { addDelta, addOrderValue, paneStart, type Pane } from "./panes.ts";
import { touch } from "./row.ts";
import { keyText, NEVER, type OrderRow, type SessionRow } from "./session.ts";

/** A pane and all that the event adds to it. */
export interface Target {
  readonly pane: Pane;
  readonly first: Delta;
  readonly second: Delta;
  readonly orderValue: number | null;
}

const NOTHING: Delta = [];
type Amounts = Pick<Effects, "atStart" | "atEvent" | "byCategory" | "orderValue">;

/** All the panes that an event could touch, whatever its session's facts say. */
function anyEffects(event: ShopEvent): Amounts {
  const anything: Delta = [0, 0];
  const categories =
    event.type === "product_viewed"
      ? [event.category]
      : event.type === "order_placed"
        ? event.lines.map((line) => line.category)
        : [];
  const byCategory = new Map(categories.map((category) => [clean.category(category), anything]));
  return { atStart: anything, atEvent: anything, byCategory, orderValue: null };
}

/**
 * The panes that an event's effects go to; null where storage has to be asked first (then they are in `needs`).
 * Without effects, all that it could touch: for asking ahead.
 */
export function panesFor(
  memory: Memory,
  session: SessionRow,
  event: ShopEvent,
  timestamp: number,
  watermark: number,
  needs: Needs,
  effects: Amounts = anyEffects(event),
): Target[] | null {
  session.series ??= memory.panes.seriesOf(session.profile);
  const targets: Target[] = [];
  let missing = false;
  const at = (
    series: number,
    width: PaneWidth,
    start: number,
    first: Delta,
    second: Delta,
    orderValue: number | null,
  ): void => {
    const pane = memory.pane(series, width, start, watermark, needs);
    if (pane === undefined) missing = true;
    else targets.push({ pane, first, second, orderValue });
  };
  const into = (series: number, width: PaneWidth): void => {
    const atStart = paneStart(session.key.startedAt, width);
    const atEvent = paneStart(event.occurred_at, width);
    const same = atStart === atEvent;
    if (effects.atEvent.length > 0 || (same && effects.atStart.length > 0))
      at(series, width, atEvent, effects.atEvent, same ? effects.atStart : NOTHING, effects.orderValue);
    if (!same && effects.atStart.length > 0) at(series, width, atStart, effects.atStart, NOTHING, null);
  };

  for (const series of session.series) into(series, 60);
  if (!session.profile.bot) {
    if (Math.min(session.key.startedAt, event.occurred_at) >= timestamp - SECONDS_KEPT_MS) into(session.series[0]!, 1);
    for (const [category, delta] of effects.byCategory ?? []) {
      const series = memory.panes.seriesId(session.profile.store, "category", category);
      at(series, 60, paneStart(event.occurred_at, 60), delta, NOTHING, null);
    }
  }
  return missing || !isEmpty(needs) ? null : targets;
}

/** Puts the facts of an event into its session and order, and its effects into the panes. */
export function apply(
  memory: Memory,
  record: LogRecord,
  event: ShopEvent,
  effects: Effects,
  session: SessionRow,
  order: OrderRow | null,
  targets: readonly Target[],
): void {
  const { offset, timestamp } = record;
  applyToSession(memory, session, event, effects, offset);
  if (order) applyToOrder(memory, session, order, effects, offset);
  for (const { pane, first, second, orderValue } of targets) {
    if (pane.upto === -1) memory.panes.put(pane);
    if (touch(pane, offset)) {
      addDelta(pane, first);
      addDelta(pane, second);
      if (orderValue !== null) addOrderValue(pane, orderValue);
      memory.dirtyPanes.add(pane);
    }
    if (pane.start * 1000 >= timestamp - PUBLISHED_MS) memory.unpublished.add(pane);
  }
}

function applyToSession(memory: Memory, session: SessionRow, event: ShopEvent, effects: Effects, offset: number): void {
  if (session.upto === -1) memory.sessions.set(keyText(session.key), session);
  if (!touch(session, offset)) return;
  if (session.firstOffset === NEVER) session.firstOffset = offset;
  if (event.type === "order_placed" && session.firstOrder === NEVER) session.firstOrder = offset;
  if (event.type === "cart_changed" && session.firstCart === NEVER) session.firstCart = offset;
  if (event.type === "checkout_started" && session.firstCheckout === NEVER) session.firstCheckout = offset;
  session.seen.set(effects.eventHash, offset);
  session.activeAt = Math.max(session.activeAt, event.occurred_at);
  if (event.occurred_at > session.lastEventAt) {
    if (!session.profile.bot && session.key.kind === "session")
      memory.visitors.move(session.profile.store, session.lastEventAt, event.occurred_at);
    session.lastEventAt = event.occurred_at;
  }
  memory.dirtySessions.add(session);
}

function applyToOrder(memory: Memory, session: SessionRow, order: OrderRow, effects: Effects, offset: number): void {
  if (order.upto === -1) (session.orders ??= new Map()).set(order.orderId, order);
  if (!touch(order, offset)) return;
  if (effects.placed) order.placed = effects.placed;
  if (effects.take) order.takes.set(takeKey(effects.take), effects.take);
  memory.dirtyOrders.add(order);
}
