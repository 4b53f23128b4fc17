// What a flush of one partition stores: the rows that changed since the last one, as they are at one moment, and where the
// fold stands at that moment. Rows may go on changing while they are being stored; versions tell.
import type { PaneRow } from "../contract/flush.ts";
import type { Pane } from "./panes.ts";
import type { Outcome, PartitionFold, Standing } from "./partition-fold.ts";
import type { OrderRow, SessionRow } from "./session.ts";

export interface FlushWork {
  readonly fold: PartitionFold;
  readonly standing: Standing;
  readonly outcomes: Outcome[];
  readonly sessions: ReadonlySet<SessionRow>;
  readonly orders: ReadonlySet<OrderRow>;
  readonly panes: ReadonlySet<Pane>;
  /** Versions of the rows at that moment, in the order of sessions, orders, panes. */
  readonly versions: readonly number[];
}

/** null: nothing changed, or a record waits for storage: then nothing is stored until it has been folded. */
export function beginFlush(fold: PartitionFold): FlushWork | null {
  if (fold.firstParked !== null) return null;
  const { memory } = fold;
  const outcomes = fold.takeOutcomes();
  if (outcomes.length === 0 && memory.dirtySessions.size + memory.dirtyPanes.size === 0) return null;
  const { dirtySessions: sessions, dirtyOrders: orders, dirtyPanes: panes } = memory;
  memory.dirtySessions = new Set();
  memory.dirtyOrders = new Set();
  memory.dirtyPanes = new Set();
  const versions = [...sessions, ...orders, ...panes].map((row) => row.version);
  return { fold, standing: fold.standing, outcomes, sessions, orders, panes, versions };
}

/** Storage has acknowledged every row of the work. */
export function flushStored({ sessions, orders, panes, versions }: FlushWork): void {
  let i = 0;
  for (const row of [...sessions, ...orders, ...panes]) row.saved = Math.max(row.saved, versions[i++]!);
}

/** Anything may have happened to the rows; they are stored again with the next flush. */
export function flushFailed({ fold, outcomes, sessions, orders, panes }: FlushWork): void {
  const { memory } = fold;
  fold.returnOutcomes(outcomes);
  for (const row of sessions) memory.dirtySessions.add(row);
  for (const row of orders) memory.dirtyOrders.add(row);
  for (const row of panes) memory.dirtyPanes.add(row);
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
  const complete = firstParked === null ? Infinity : firstParked - 1;
  const rows: PaneRow[] = [];
  const taken: Pane[] = [];
  for (const pane of memory.unpublished) {
    rows.push(paneRow(fold, pane, Math.min(pane.upto, complete)));
    if (pane.upto <= complete) taken.push(pane);
  }
  for (const pane of taken) memory.unpublished.delete(pane);
  return { rows, taken };
}

export function publishFailed(fold: PartitionFold, { taken }: Publishing): void {
  for (const pane of taken) fold.memory.unpublished.add(pane);
}

function paneRow(fold: PartitionFold, pane: Pane, upto: number): PaneRow {
  const { store, dimension, value } = fold.memory.panes.series(pane.series);
  const { sketchIndex, sketchCount } = sketchColumns(pane);
  const { width, start } = pane;
  return { store, dimension, value, width, start, upto, measures: [...pane.measures], sketchIndex, sketchCount };
}

/** A pane's sketch as two columns, ascending by bucket: equal panes have equal rows. */
export function sketchColumns(pane: Pane): { sketchIndex: number[]; sketchCount: number[] } {
  if (pane.sketch === null) return { sketchIndex: [], sketchCount: [] };
  const sketchIndex = [...pane.sketch.keys()].sort((a, b) => a - b);
  return { sketchIndex, sketchCount: sketchIndex.map((bucket) => pane.sketch!.get(bucket)!) };
}
