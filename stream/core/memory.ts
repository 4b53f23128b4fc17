// What a partition's fold has in memory: live sessions with their orders, and panes. What is not here is new if it lies
// inside the horizon by the watermark before the record; otherwise storage has to be asked. Only clean rows may leave.
import { PANE_MEMORY_MS, SESSION_MEMORY_MS } from "../contract/lateness.ts";
import type { Dimension, PaneWidth } from "../contract/dimensions.ts";
import { newPane, PaneTable, type Pane } from "./panes.ts";
import { isDirty } from "./row.ts";
import { keyText, type OrderRow, type SessionKey, type SessionRow } from "./session.ts";
import { Visitors } from "./visitors.ts";

export interface PaneKey {
  readonly store: string;
  readonly dimension: Dimension;
  readonly value: string;
  readonly width: PaneWidth;
  readonly start: number;
}

/** Rows that storage must be asked for before a record can be folded. */
export interface Needs {
  readonly sessions: Map<string, SessionKey>;
  readonly panes: Map<string, PaneKey>;
}

export const noNeeds = (): Needs => ({ sessions: new Map(), panes: new Map() });
export const isEmpty = (needs: Needs): boolean => needs.sessions.size === 0 && needs.panes.size === 0;

/** A pane as storage has it. */
export interface StoredPane extends PaneKey {
  readonly upto: number;
  readonly measures: readonly number[];
  readonly sketchIndex: readonly number[];
  readonly sketchCount: readonly number[];
}

/** Rows as storage has them; sessions come with their orders, `base` and `upto` set alike. */
export interface StoredRows {
  readonly sessions: readonly SessionRow[];
  readonly panes: readonly StoredPane[];
}

export const paneText = (key: PaneKey): string =>
  `${key.width}|${key.start}|${key.store}|${key.dimension}|${key.value}`;

export class Memory {
  readonly sessions = new Map<string, SessionRow>();
  readonly panes = new PaneTable();
  readonly visitors = new Visitors();
  dirtySessions = new Set<SessionRow>();
  dirtyOrders = new Set<OrderRow>();
  dirtyPanes = new Set<Pane>();
  /** Panes to publish; a pane leaves memory only when it has left here. */
  readonly unpublished = new Set<Pane>();
  /** What storage was asked for while this batch is folded: what is not in memory now is not there either. */
  readonly #asked = new Set<string>();

  /** undefined: storage has to be asked, and the key is in `needs` now. null: there is none. */
  session(key: SessionKey, watermark: number, needs: Needs): SessionRow | null | undefined {
    const text = keyText(key);
    const known = this.sessions.get(text);
    if (known) return known;
    if (key.startedAt >= watermark - SESSION_MEMORY_MS || this.#asked.has(text)) return null;
    needs.sessions.set(text, key);
    return undefined;
  }

  /** undefined: storage has to be asked. A pane that is new is made, but kept only when it is put. */
  pane(series: number, width: PaneWidth, start: number, watermark: number, needs: Needs): Pane | undefined {
    const known = this.panes.get(series, width, start);
    if (known) return known;
    if (start * 1000 < watermark - PANE_MEMORY_MS[width]) {
      const key: PaneKey = { ...this.panes.series(series), width, start };
      const text = paneText(key);
      if (!this.#asked.has(text)) {
        needs.panes.set(text, key);
        return undefined;
      }
    }
    return newPane(series, width, start);
  }

  /** Takes in what storage answered. A row that is in memory already stays: it is newer. */
  adopt(rows: StoredRows): void {
    for (const session of rows.sessions) {
      const text = keyText(session.key);
      if (this.sessions.has(text)) continue;
      this.sessions.set(text, session);
      if (!session.profile.bot && session.key.kind === "session")
        this.visitors.move(session.profile.store, 0, session.lastEventAt);
    }
    for (const stored of rows.panes) {
      const series = this.panes.seriesId(stored.store, stored.dimension, stored.value);
      if (this.panes.get(series, stored.width, stored.start)) continue;
      const pane = newPane(series, stored.width, stored.start);
      pane.base = pane.upto = stored.upto;
      stored.measures.forEach((amount, index) => (pane.measures[index] = amount));
      if (stored.sketchIndex.length > 0)
        pane.sketch = new Map(stored.sketchIndex.map((bucket, index) => [bucket, stored.sketchCount[index]!]));
      this.panes.put(pane);
    }
  }

  /** Remembers, until the batch ends, that storage has answered for these. */
  answered(needs: Needs): void {
    for (const text of needs.sessions.keys()) this.#asked.add(text);
    for (const text of needs.panes.keys()) this.#asked.add(text);
  }

  endBatch(): void {
    this.#asked.clear();
  }

  /** Drops what the watermark has left behind and what is stored and published. When exactly does not matter. */
  evict(watermark: number): void {
    for (const [text, session] of this.sessions) {
      if (session.activeAt >= watermark - SESSION_MEMORY_MS || isDirty(session)) continue;
      if (session.orders && [...session.orders.values()].some(isDirty)) continue;
      this.sessions.delete(text);
      if (!session.profile.bot && session.key.kind === "session")
        this.visitors.move(session.profile.store, session.lastEventAt, 0);
    }
    for (const width of [1, 60] as const) {
      const start = Math.floor((watermark - PANE_MEMORY_MS[width]) / 1000);
      this.panes.evict(width, start, (pane) => !isDirty(pane) && !this.unpublished.has(pane));
    }
  }
}
