// The gateway's side of ClickHouse: one method a question, each with its own time limit.
import { Answering } from "../../clickhouse/answering.ts";
import type { ClickHouseClient } from "../../clickhouse/client.ts";
import { deadLettersByReason, newestDeadLetters } from "../../clickhouse/queries/gateway-dead-letters.ts";
import { firstPanes } from "../../clickhouse/queries/gateway-first-panes.ts";
import { minutesOf } from "../../clickhouse/queries/gateway-minutes.ts";
import { months } from "../../clickhouse/queries/gateway-months.ts";
import { doubledOrderIds, splitSessions } from "../../clickhouse/queries/gateway-order-ids.ts";
import { recentPanes } from "../../clickhouse/queries/gateway-panes.ts";
import { positions } from "../../clickhouse/queries/gateway-positions.ts";
import type { Query } from "../../clickhouse/queries/gateway-query.ts";
import { seriesSteps, type SeriesRange } from "../../clickhouse/queries/gateway-series.ts";
import { visitorsPerMinute } from "../../clickhouse/queries/gateway-visitors.ts";
import { noCounters, type Counters } from "../../stream/contract/accounting.ts";
import type { Dimension } from "../../stream/contract/dimensions.ts";
import type { PaneRow } from "../../stream/contract/flush.ts";
import { DOUBLES_DAYS, type DeadLetter, type Doubles, type MonthRow, type Status } from "../contract/status.ts";
import type { Baseline, SeriesKey } from "../core/model.ts";
import { MinuteLine } from "../core/minute-line.ts";
import type { Origin } from "../core/pane-book.ts";
import type { StoredPosition } from "../core/status.ts";
import { sumOf } from "../core/sum.ts";

const QUICK_MS = 3000;
const SLOW_MS = 60_000;
const NEWEST_LETTERS = 20;
const DAY_S = 86_400;

export class Storage {
  readonly #client: ClickHouseClient;
  readonly #db: string;
  readonly #answering = new Answering(false);

  constructor(client: ClickHouseClient, db: string) {
    this.#client = client;
    this.#db = db;
  }

  /** The last request was answered. */
  get up(): boolean {
    return this.#answering.up;
  }

  /** Never throws; refreshes `up`. */
  async ping(): Promise<void> {
    await this.#rows<[number]>({ sql: "SELECT 1", args: {} }, QUICK_MS).catch(() => undefined);
  }

  async positions(): Promise<StoredPosition[]> {
    type Row = Omit<StoredPosition, "counters"> & { counters: string };
    const rows = await this.#objects<Row>(positions(this.#db), QUICK_MS);
    return rows.map((row) => ({
      ...row,
      counters: { ...noCounters(), ...(JSON.parse(row.counters) as Partial<Counters>) },
    }));
  }

  /** Streams panes since `from` (ms), in any order. */
  async panes(
    dimensions: readonly string[],
    from: number,
    take: (origin: Origin, row: PaneRow) => void,
  ): Promise<void> {
    const query = recentPanes(this.#db, dimensions, Math.floor(from / 1000));
    await this.#answering.watch(async () => {
      const answer = await this.#client.query({
        query: query.sql,
        query_params: { ...query.args },
        format: "JSONCompactEachRow",
        abort_signal: AbortSignal.timeout(SLOW_MS),
      });
      for await (const rows of answer.stream<PaneTuple>())
        for (const row of rows) {
          const [store, dimension, value, start, source, partition, generation, upto, measures, index, count] =
            row.json();
          const pane = {
            store,
            width: 60,
            dimension,
            value,
            start,
            upto,
            measures,
            sketchIndex: index,
            sketchCount: count,
          };
          take({ source, partition, generation }, pane as PaneRow);
        }
    });
  }

  /** Start of each store's first pane, ms. */
  async firstPanes(): Promise<Map<string, number>> {
    const rows = await this.#rows<[string, number]>(firstPanes(this.#db), SLOW_MS);
    return new Map(rows.map(([store, first]) => [store, first * 1000]));
  }

  /** A past stretch of a series; `from` and `to` in ms, whole minutes. */
  async minutes(key: SeriesKey, from: number, to: number): Promise<Baseline> {
    type Row = [number, number[], [number[], number[]]];
    const rows = await this.#rows<Row>(minutesOf(this.#db, key, from / 1000, to / 1000), SLOW_MS);
    const line = new MinuteLine();
    for (const [at, measures, [index, count]] of rows) line.add(at / 60, sumOf(measures, index, count));
    return { line, from, to };
  }

  /** Visitors by store and minute since 1970; `from` and `to` in ms, whole minutes. */
  async visitors(from: number, to: number): Promise<Map<string, Map<number, number>>> {
    const rows = await this.#rows<[string, number, number]>(
      visitorsPerMinute(this.#db, from / 1000, to / 1000),
      SLOW_MS,
    );
    const byStore = new Map<string, Map<number, number>>();
    for (const [store, minute, sessions] of rows) {
      const minutes = byStore.get(store) ?? new Map<number, number>();
      byStore.set(store, minutes.set(minute, sessions));
    }
    return byStore;
  }

  /** Start of each step in ms, and its summed measures. */
  async series(range: SeriesRange): Promise<{ start: number; measures: number[] }[]> {
    const rows = await this.#rows<[number, number[]]>(seriesSteps(this.#db, range), SLOW_MS);
    return rows.map(([start, measures]) => ({ start: start * 1000, measures }));
  }

  async months(store: string, timeZone: string): Promise<MonthRow[]> {
    type Row = Omit<MonthRow, "aov"> & { discount: number };
    const rows = await this.#objects<Row>(months(this.#db, store, timeZone), SLOW_MS);
    return rows.map(({ discount, ...row }) => ({
      ...row,
      aov: row.orders > 0 ? Math.round((row.gross - discount) / row.orders) : null,
    }));
  }

  async deadLetters(): Promise<NonNullable<Status["deadLetters"]>> {
    const [reasons, newest] = await Promise.all([
      this.#rows<[string, number]>(deadLettersByReason(this.#db), QUICK_MS),
      this.#objects<DeadLetter>(newestDeadLetters(this.#db, NEWEST_LETTERS), QUICK_MS),
    ]);
    return { byReason: Object.fromEntries(reasons), newest };
  }

  /** `now` in ms. */
  async doubles(now: number): Promise<Doubles> {
    const since = (days: number): number => Math.floor(now / 1000) - days * DAY_S;
    const [orderIds, split] = await Promise.all([
      this.#rows<[string, number]>(doubledOrderIds(this.#db, since(DOUBLES_DAYS.orderIds)), SLOW_MS),
      this.#rows<[number]>(splitSessions(this.#db, since(DOUBLES_DAYS.sessions)), SLOW_MS),
    ]);
    return { orderIds: Object.fromEntries(orderIds), sessions: split[0]![0] };
  }

  #rows<Row>(query: Query, withinMs: number): Promise<Row[]> {
    return this.#ask<Row>(query, "JSONCompactEachRow", withinMs);
  }

  #objects<Row>(query: Query, withinMs: number): Promise<Row[]> {
    return this.#ask<Row>(query, "JSONEachRow", withinMs);
  }

  #ask<Row>({ sql, args }: Query, format: "JSONCompactEachRow" | "JSONEachRow", withinMs: number): Promise<Row[]> {
    return this.#answering.watch(async () => {
      const abort_signal = AbortSignal.timeout(withinMs);
      const answer = await this.#client.query({ query: sql, query_params: { ...args }, format, abort_signal });
      return answer.json<Row>();
    });
  }
}

type PaneTuple = [
  store: string,
  dimension: Dimension,
  value: string,
  start: number,
  source: string,
  partition: number,
  generation: number,
  upto: number,
  measures: number[],
  sketchIndex: number[],
  sketchCount: number[],
];
