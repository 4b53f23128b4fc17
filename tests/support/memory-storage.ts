// ClickHouse in memory, as small as the argument needs: ReplacingMergeTree(upto) keeps the row with the highest `upto`, an
// insert may be stored and its answer lost, stored in part, or land long after its writer has given up.
import type { PaneRow } from "../../stream/contract/flush.ts";
import { PANE_MEMORY_MS, SESSION_MEMORY_MS } from "../../stream/contract/lateness.ts";
import { sketchColumns, type FlushWork } from "../../stream/core/flush-work.ts";
import type { Needs, StoredPane, StoredRows } from "../../stream/core/memory.ts";
import type { Standing } from "../../stream/core/partition-fold.ts";
import { keyText, type OrderRow, type SessionRow } from "../../stream/core/session.ts";

export type Random = () => number;

interface Stored<T> {
  readonly upto: number;
  readonly row: T;
}

type Insert = () => void;

export class MemoryStorage {
  readonly sessions = new Map<string, Stored<SessionRow>>();
  readonly orders = new Map<string, Stored<OrderRow> & { session: string }>();
  readonly panes = new Map<string, Stored<StoredPane>>();
  readonly raw = new Map<number, string>();
  position: Standing | null = null;
  up = true;
  faults = true;
  readonly #random: Random;
  readonly #lost: Insert[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** true only where the writer gets an acknowledgement; otherwise anything may have happened, or may still happen. */
  insert(rows: readonly Insert[]): boolean {
    const all = (): void => rows.forEach((put) => put());
    if (!this.up) {
      if (this.#random() < 0.1) this.#lost.push(all);
      return false;
    }
    const fate = this.faults ? this.#random() : 0;
    if (fate < 0.65) {
      all();
      return true;
    }
    if (fate < 0.75) all(); // stored, the answer is lost
    else if (fate < 0.87) rows.filter(() => this.#random() < 0.5).forEach((put) => put()); // some table partitions only
    else if (fate < 0.93) this.#lost.push(all); // still running after the client gave up
    return false;
  }

  landLost(): void {
    const [insert] = this.#lost.splice(Math.floor(this.#random() * this.#lost.length), 1);
    insert?.();
  }

  get lost(): number {
    return this.#lost.length;
  }

  rawRows(work: FlushWork): Insert[] {
    return work.outcomes.map(
      ({ record, verdict }) =>
        () =>
          this.raw.set(record.offset, verdict),
    );
  }

  sessionRows(work: FlushWork): Insert[] {
    return [...work.sessions].map((session) => {
      const key = keyText(session.key);
      const row: SessionRow = { ...session, series: null, seen: new Map(session.seen), orders: null };
      return () => put(this.sessions, key, { upto: row.upto, row });
    });
  }

  orderRows(work: FlushWork): Insert[] {
    return [...work.orders].map((order) => {
      const session = keyText(order.session.key);
      const row: OrderRow = { ...order, takes: new Map(order.takes) };
      return () => put(this.orders, `${session}|${order.orderId}`, { upto: row.upto, row, session });
    });
  }

  paneRows(work: FlushWork): Insert[] {
    return [...work.panes].map((pane) => {
      const { store, dimension, value } = work.fold.memory.panes.series(pane.series);
      const { width, start, upto } = pane;
      const row = { store, dimension, value, width, start, upto, measures: [...pane.measures], ...sketchColumns(pane) };
      return () => put(this.panes, paneKey(row), { upto, row });
    });
  }

  /** undefined: storage is away. */
  lookUp(needs: Needs): StoredRows | undefined {
    if (!this.up) return undefined;
    const sessions = [...needs.sessions.keys()].flatMap((key) => this.#session(key));
    const panes = [...needs.panes.values()].flatMap((key) => this.panes.get(paneKey(key))?.row ?? []);
    return { sessions, panes };
  }

  loadLive(watermark: number): StoredRows {
    const live = [...this.sessions].filter(([, { row }]) => row.activeAt >= watermark - SESSION_MEMORY_MS);
    const panes = [...this.panes.values()].map(({ row }) => row);
    return {
      sessions: live.flatMap(([key]) => this.#session(key)),
      panes: panes.filter(({ width, start }) => start * 1000 >= watermark - PANE_MEMORY_MS[width]),
    };
  }

  #session(key: string): SessionRow[] {
    const stored = this.sessions.get(key);
    if (!stored) return [];
    const fresh = { base: stored.upto, upto: stored.upto, version: 0, saved: 0 };
    const session: SessionRow = { ...stored.row, ...fresh, seen: new Map(stored.row.seen), orders: null };
    for (const { row, upto, session: owner } of this.orders.values()) {
      if (owner !== key) continue;
      const order: OrderRow = { ...row, session, takes: new Map(row.takes), base: upto, upto, version: 0, saved: 0 };
      (session.orders ??= new Map()).set(order.orderId, order);
    }
    return [session];
  }
}

/** The newest row wins; on a tie the last. */
function put<T extends { upto: number }>(table: Map<string, T>, key: string, row: T): void {
  const old = table.get(key);
  if (!old || row.upto >= old.upto) table.set(key, row);
}

export const paneKey = (pane: Pick<PaneRow, "width" | "start" | "store" | "dimension" | "value">): string =>
  [pane.width, pane.start, pane.store, pane.dimension, pane.value].join("|");
