// ClickHouse in memory, as small as the argument needs: ReplacingMergeTree(upto) keeps the row with the highest `upto`, an
// insert may be stored and its answer lost, stored in part, or land long after its writer has given up.
import type { PaneRow } from "../../stream/contract/flush.ts";
import { PANE_MEMORY_MS, SESSION_MEMORY_MS } from "../../stream/contract/lateness.ts";
import { paneRow, type FlushWork } from "../../stream/core/flush-work.ts";
import type { Needs, StoredOrder, StoredPane, StoredRows, StoredSession } from "../../stream/core/memory.ts";
import type { RawRows, RawSink, Standing } from "../../stream/core/partition-fold.ts";
import type { Read } from "../../stream/core/read.ts";
import { keyText } from "../../stream/core/session.ts";

export type Random = () => number;

interface Stored<T> {
  readonly upto: number;
  readonly row: T;
}

/** An order, and the key of its session. */
export type OrderOfSession = StoredOrder & { readonly session: string };

type Insert = () => void;

interface MemoryRawRows extends RawRows {
  readonly list: readonly (readonly [offset: number, verdict: string])[];
}

/** Raw rows as a list. */
export class MemoryRaw implements RawSink {
  #list: [offset: number, verdict: string][] = [];

  put({ offset }: Read, verdict: string): void {
    this.#list.push([offset, verdict]);
  }

  take(): MemoryRawRows {
    const list = this.#list;
    this.#list = [];
    return { rows: list.length, list };
  }

  giveBack({ list }: MemoryRawRows): void {
    this.#list = [...(list as [number, string][]), ...this.#list];
  }
}

export class MemoryStorage {
  readonly sessions = new Map<string, Stored<StoredSession>>();
  readonly orders = new Map<string, Stored<OrderOfSession>>();
  readonly panes = new Map<string, Stored<StoredPane>>();
  readonly raw = new Map<number, string>();
  position: Standing | null = null;
  up = true;
  faults = true;
  readonly #random: Random;
  /** Rows of the same version that were not the same: nothing would say which of them is right. */
  readonly ties: string[] = [];
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

  /** The position with the highest offset wins. */
  putPosition(standing: Standing): void {
    if (!this.position || standing.position >= this.position.position) this.position = standing;
  }

  /** What it holds now, for readers that see no more. */
  copy(): MemoryStorage {
    const copy = new MemoryStorage(this.#random);
    for (const table of ["sessions", "orders", "panes"] as const)
      for (const [key, row] of this[table]) (copy[table] as Map<string, unknown>).set(key, row);
    return copy;
  }

  landLost(): void {
    const [insert] = this.#lost.splice(Math.floor(this.#random() * this.#lost.length), 1);
    insert?.();
  }

  get lost(): number {
    return this.#lost.length;
  }

  rawRows(work: FlushWork): Insert[] {
    const { list } = work.outcomes.raw as MemoryRawRows;
    return list.map(
      ([offset, verdict]) =>
        () =>
          this.raw.set(offset, verdict),
    );
  }

  sessionRows(work: FlushWork): Insert[] {
    return work.sessions.map((slot) => {
      const session = work.fold.memory.sessions.at(slot);
      const { firstOffset, firstOrder, firstCart, firstCheckout, activeAt, lastEventAt, upto } = session;
      const { kind, id, startedAt, cut } = session;
      const { visitor, customer } = session.people;
      const { store, channel, campaign, country, region, device, segment, bot } = cut;
      const seen: [hashes: number[], offsets: number[]] = [[], []];
      for (const column of [0, 1] as const) session.writeSeen(column, { i64: (value) => seen[column].push(value) });
      const row: StoredSession = {
        key: { kind, id, startedAt },
        profile: { store, channel, campaign, country, region, device, segment, bot },
        visitor,
        customer,
        firstOffset,
        firstOrder,
        firstCart,
        firstCheckout,
        activeAt,
        lastEventAt,
        upto,
        seenId: seen[0],
        seenAt: seen[1],
        orders: [],
      };
      return () => this.#put(this.sessions, keyText(row.key), { upto, row });
    });
  }

  orderRows(work: FlushWork): Insert[] {
    return work.orders.map((order) => {
      const session = keyText(work.fold.memory.sessions.at(order.slot).key);
      const { orderId, placedAt, placed, upto } = order;
      const row = { orderId, placedAt, placed, upto, takes: [...order.takes.values()], session };
      return () => this.#put(this.orders, `${session}|${orderId}`, { upto, row });
    });
  }

  paneRows(work: FlushWork): Insert[] {
    return work.panes.map((pane) => {
      const row = paneRow(pane, pane.upto);
      return () => this.#put(this.panes, paneKey(row), { upto: row.upto, row });
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

  /** The newest row wins; on a tie the last. */
  #put<T>(table: Map<string, Stored<T>>, key: string, stored: Stored<T>): void {
    const old = table.get(key);
    const [before, after] = [JSON.stringify(old?.row), JSON.stringify(stored.row)];
    if (old?.upto === stored.upto && before !== after)
      this.ties.push(`${key} at ${stored.upto}: ${before} and ${after}`);
    if (!old || stored.upto >= old.upto) table.set(key, stored);
  }

  #session(key: string): StoredSession[] {
    const stored = this.sessions.get(key);
    if (!stored) return [];
    const orders = [...this.orders.values()].map(({ row }) => row).filter(({ session }) => session === key);
    return [{ ...stored.row, orders }];
  }
}

export const paneKey = (pane: Pick<PaneRow, "width" | "start" | "store" | "dimension" | "value">): string =>
  [pane.width, pane.start, pane.store, pane.dimension, pane.value].join("|");
