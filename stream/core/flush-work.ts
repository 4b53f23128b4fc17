// What a flush of one partition stores: the rows that changed since the last one, as they are at one moment, and where the
// fold stands at that moment. Rows may go on changing while they are being stored; versions tell.
import type { PaneRow } from "../contract/flush.ts";
import type { Pane } from "./panes.ts";
import type { Outcomes, PartitionFold, Standing } from "./partition-fold.ts";
import { enqueue, isDirty, type Row } from "./row.ts";
import type { OrderRow } from "./session.ts";

export interface FlushWork {
  readonly fold: PartitionFold;
  readonly standing: Standing;
  readonly outcomes: Outcomes;
  /** Slots of sessions. A row that waits to be stored does not leave memory, so that its slot stays its own. */
  readonly sessions: readonly number[];
  readonly orders: readonly OrderRow[];
  readonly panes: readonly Pane[];
  /** Versions of the rows at that moment, in the order of sessions, orders, panes. */
  readonly versions: readonly number[];
}

/** null: nothing changed, or a record waits for storage: then nothing is stored until it has been folded. */
export function beginFlush(fold: PartitionFold): FlushWork | null {
  const { memory } = fold;
  if (fold.firstParked !== null || !fold.hasNews) return null;
  memory.tallies.settle();
  const outcomes = fold.takeOutcomes();
  const { dirtySessions: sessions, dirtyOrders: orders, dirtyPanes: panes } = memory;
  memory.dirtySessions = [];
  memory.dirtyOrders = [];
  memory.dirtyPanes = [];
  const versions: number[] = [];
  eachRow({ fold, sessions, orders, panes }, (row) => {
    row.queued = false;
    versions.push(row.version);
  });
  return { fold, standing: fold.standing, outcomes, sessions, orders, panes, versions };
}

/** Storage has acknowledged every row of the work. */
export function flushStored(work: FlushWork): void {
  let i = 0;
  eachRow(work, (row) => (row.saved = Math.max(row.saved, work.versions[i++]!)));
}

/** Anything may have happened to the rows; those that were not acknowledged are stored again with the next flush. */
export function flushFailed({ fold, outcomes, sessions, orders, panes }: FlushWork): void {
  const { memory } = fold;
  fold.returnOutcomes(outcomes);
  for (const slot of sessions) {
    const session = memory.sessions.at(slot); // one that was acknowledged may have left by now, and its slot be another's
    if (isDirty(session)) memory.changed(session);
  }
  for (const row of orders) if (isDirty(row)) enqueue(memory.dirtyOrders, row);
  for (const row of panes) if (isDirty(row)) enqueue(memory.dirtyPanes, row);
}

function eachRow(
  { fold, sessions, orders, panes }: Pick<FlushWork, "fold" | "sessions" | "orders" | "panes">,
  visit: (row: Row) => void,
): void {
  for (const slot of sessions) visit(fold.memory.sessions.at(slot));
  for (const row of orders) visit(row);
  for (const row of panes) visit(row);
}

/** Panes to publish now, as absolute values. */
export interface Publishing {
  readonly rows: readonly PaneRow[];
  /** The panes that have left the list of the unpublished; given back where publishing fails. */
  readonly taken: readonly Pane[];
}

/**
 * A pane that lacks a parked record says so: its `upto` lies below the first parked offset, and it is published again
 * afterwards. So a gateway never takes an incomplete value for a complete one.
 */
export function beginPublish(fold: PartitionFold): Publishing {
  const { memory, firstParked } = fold;
  memory.tallies.settle();
  const complete = firstParked === null ? Infinity : firstParked - 1;
  const rows: PaneRow[] = [];
  const taken: Pane[] = [];
  const kept: Pane[] = [];
  for (const pane of memory.unpublished) {
    rows.push(paneRow(pane, Math.min(pane.upto, complete)));
    pane.unpublished = pane.upto > complete;
    (pane.unpublished ? kept : taken).push(pane);
  }
  memory.unpublished = kept;
  return { rows, taken };
}

export function publishFailed(fold: PartitionFold, { taken }: Publishing): void {
  for (const pane of taken) fold.memory.toPublish(pane);
}

const NO_NUMBERS: readonly number[] = [];

/** Beyond this an Avro long is not exact where it passes through a double, and further on none is written at all. */
export const GREATEST_SUM = 2 ** 52;
/** A sum as it is told and stored. */
export const cappedSum = (sum: number): number => Math.max(-GREATEST_SUM, Math.min(GREATEST_SUM, sum));

/** A copy of the pane as it is now. */
export function paneRow(pane: Pane, upto: number): PaneRow {
  const { series, width, start } = pane;
  const { store, dimension, value } = series;
  const sketchIndex = pane.sketch === null ? NO_NUMBERS : [...pane.sketch.index];
  const sketchCount = pane.sketch === null ? NO_NUMBERS : [...pane.sketch.count];
  return {
    store,
    dimension,
    value,
    width,
    start,
    upto,
    measures: pane.measures.map(cappedSum),
    sketchIndex,
    sketchCount,
  };
}
