// The stream's side of ClickHouse: what a partition starts from, what the late path looks up, what a flush stores.
import { Readable } from "node:stream";
import { Answering } from "../../clickhouse/answering.ts";
import type { ClickHouseClient } from "../../clickhouse/client.ts";
import { instant, list, text } from "../../clickhouse/literal.ts";
import { RowBinaryWriter } from "../../clickhouse/row-binary.ts";
import { noCounters, type Counters } from "../contract/accounting.ts";
import { PANE_MEMORY_MS, SESSION_MEMORY_MS } from "../contract/lateness.ts";
import { Fixings, type FixedDay } from "../core/fixings.ts";
import type { FlushWork } from "../core/flush-work.ts";
import { LOGIC_VERSION } from "../core/logic-version.ts";
import { paneText, type Needs, type StoredOrder, type StoredRows, type StoredSession } from "../core/memory.ts";
import type { Standing } from "../core/partition-fold.ts";
import { keyText } from "../core/session.ts";
import { RawWriter, type RawEvents, type RawPieces } from "./raw-rows.ts";
import { keyFrom, orderFrom, paneFrom, READ, sessionFrom, type ReadTable } from "./stored-rows.ts";
import { COLUMNS, encodeOrigin, writeOrder, writePane, writeSession, type Origin, type TableName } from "./tables.ts";

/** Keys of one look-up, and letters of their words: more are asked in several. */
const KEYS_AT_ONCE = 2000;
const LETTERS_AT_ONCE = 1_000_000;
/** Bytes of a question: what those letters come to where each takes several bytes. The engine's own limit is 256 KB. */
const QUESTION_BYTES = String(16 * 1024 * 1024);

/** An insert is cut here. Each becomes a part of its table, and the more parts there are, the more often they are merged. */
const INSERT_BYTES = 32_000_000;

/** A stored position, with what must be unchanged since. */
export interface StoredPosition {
  readonly standing: Standing;
  readonly partitions: number;
  readonly logicVersion: number;
  readonly currencies: Readonly<Record<string, string>>;
}

interface Insert {
  readonly table: TableName;
  readonly pieces: readonly Buffer[];
}

/** A flush's rows, encoded: they can change in memory from now on. */
export interface EncodedRows {
  readonly inserts: readonly Insert[];
  readonly rows: number;
}

export class Storage {
  readonly #client: ClickHouseClient;
  readonly #db: string;
  readonly #source: string;
  readonly #generation = 0;
  readonly #answering = new Answering(true);

  constructor(client: ClickHouseClient, db: string, source: string) {
    this.#client = client;
    this.#db = db;
    this.#source = source;
  }

  /** The last request was answered. */
  get up(): boolean {
    return this.#answering.up;
  }

  /** Where a partition's fold puts its raw rows. */
  rawSink(partition: number, which: RawEvents): RawWriter {
    return new RawWriter(this.#origin(partition), which);
  }

  #origin(partition: number): Origin {
    return { source: this.#source, partition, generation: this.#generation };
  }

  /** null: nothing was ever stored for this partition of this source. */
  async loadPosition(partition: number): Promise<StoredPosition | null> {
    const [row] = await this.#rows<StoredPositionRow>(
      `SELECT upto, partitions, first_offset AS firstOffset, gaps, logic_version AS logicVersion, currencies, watermark,
              appended_at AS appendedAt, last_record AS lastRecord, counters, late, fixings
       FROM ${this.#db}.positions FINAL WHERE ${this.#own(partition)}`,
    );
    if (!row) return null;
    const standing: Standing = {
      position: row.upto,
      firstOffset: row.firstOffset,
      gaps: row.gaps,
      watermark: row.watermark ?? -Infinity,
      appendedAt: row.appendedAt,
      lastRecord: row.lastRecord,
      counters: { ...noCounters(), ...(JSON.parse(row.counters) as Partial<Counters>) },
      late: row.late,
      fixings: new Fixings(JSON.parse(row.fixings) as FixedDay[]),
    };
    const currencies = JSON.parse(row.currencies) as Record<string, string>;
    return { standing, partitions: row.partitions, logicVersion: row.logicVersion, currencies };
  }

  /**
   * What was in memory when the watermark stood there: live sessions with their orders, and panes. It comes in parts, and others
   * run in between: after half an hour of heavy traffic there are hundreds of thousands of sessions.
   */
  async *loadLive(partition: number, watermark: number): AsyncGenerator<StoredRows> {
    if (watermark === -Infinity) return;
    const own = this.#own(partition);
    const live = `${own} AND active_at >= ${instant(watermark - SESSION_MEMORY_MS)}`;
    const ofLive = `${own} AND (session_started_at, session_id, kind) IN
      (SELECT session_started_at, session_id, kind FROM ${this.#db}.sessions FINAL WHERE ${live})`;
    const bySession = new Map<string, StoredOrder[]>();
    for await (const orders of this.#stream("orders", ofLive)) addBySession(bySession, orders);
    for await (const sessions of this.#stream("sessions", live))
      yield { sessions: sessions.map((row) => withOrders(row, bySession)), panes: [] };
    const kept = `${own} AND start >= ${seconds(watermark - PANE_MEMORY_MS[60])}
      AND (width = 60 OR start >= ${seconds(watermark - PANE_MEMORY_MS[1])})`;
    for await (const panes of this.#stream("panes", kept)) yield { sessions: [], panes: panes.map(paneFrom) };
  }

  /** Resolves when storage answers a question that costs it nothing. */
  async probe(): Promise<void> {
    await this.#rows("SELECT 1");
  }

  /**
   * The late path: rows that memory no longer has. Sees every insert that was acknowledged. Throws where storage does not
   * answer, or not before `signal` aborts.
   */
  async lookUp(partition: number, needs: Needs, signal?: AbortSignal): Promise<StoredRows> {
    const own = this.#own(partition);
    const answers: StoredRows[] = [];
    for (const keys of chunks([...needs.sessions.values()], ({ id }) => id.length)) {
      const where = `${own} AND session_started_at IN ${list(new Set(keys.map((key) => instant(key.startedAt))))}
        AND session_id IN ${list(new Set(keys.map((key) => text(key.id))))}`;
      const [sessions, orders] = await Promise.all([
        this.#read("sessions", where, signal),
        this.#read("orders", where, signal),
      ]);
      const wanted = new Set(keys.map(keyText));
      const bySession = addBySession(new Map(), orders);
      const found = sessions.map((row) => withOrders(row, bySession));
      answers.push({ sessions: found.filter(({ key }) => wanted.has(keyText(key))), panes: [] });
    }
    for (const keys of chunks([...needs.panes.values()], ({ value }) => value.length)) {
      // a set a column is asked, and what was not wanted left out: an IN of tuples costs the engine ten times as much
      const oneOf = (column: string, values: readonly string[]): string => `${column} IN ${list(new Set(values))}`;
      const where = [
        own,
        oneOf(
          "start",
          keys.map(({ start }) => String(start)),
        ),
        oneOf(
          "width",
          keys.map(({ width }) => String(width)),
        ),
        oneOf(
          "store",
          keys.map(({ store }) => text(store)),
        ),
        oneOf(
          "dimension",
          keys.map(({ dimension }) => text(dimension)),
        ),
        oneOf(
          "value",
          keys.map(({ value }) => text(value)),
        ),
      ];
      const wanted = new Set(keys.map(paneText));
      const panes = (await this.#read("panes", where.join(" AND "), signal)).map(paneFrom);
      answers.push({ sessions: [], panes: panes.filter((pane) => wanted.has(paneText(pane))) });
    }
    return { sessions: answers.flatMap((rows) => rows.sessions), panes: answers.flatMap((rows) => rows.panes) };
  }

  encode(works: readonly { partition: number; work: FlushWork }[]): EncodedRows {
    return encodeRows(works.map(({ partition, work }) => ({ origin: this.#origin(partition), work })));
  }

  async store({ inserts }: EncodedRows): Promise<void> {
    for (const { table, pieces } of inserts) {
      const columns = COLUMNS[table].map((column) => `\`${column}\``).join(", ");
      await this.#answering.watch(async () => {
        const { stream } = await this.#client.exec({
          query: `INSERT INTO ${this.#db}.${table} (${columns}) FORMAT RowBinary`,
          values: Readable.from(pieces, { objectMode: false }),
          clickhouse_settings: { max_partitions_per_insert_block: "0" },
        });
        stream.resume(); // an insert has no answer to read, but its end has to be seen
        await new Promise((resolve, reject) => stream.on("end", resolve).on("error", reject));
      });
    }
  }

  /** Only after everything below the position is safe. */
  async storePositions(
    positions: readonly { partition: number; standing: Standing; panesOffset: number }[],
    partitions: number,
    currencies: ReadonlyMap<string, string>,
    now: number,
  ): Promise<void> {
    const values = positions.map(({ partition, standing, panesOffset }) => ({
      ...this.#origin(partition),
      upto: standing.position,
      partitions,
      first_offset: standing.firstOffset,
      gaps: standing.gaps,
      logic_version: LOGIC_VERSION,
      currencies: JSON.stringify(Object.fromEntries(currencies)),
      watermark: standing.watermark === -Infinity ? null : standing.watermark,
      appended_at: standing.appendedAt,
      last_record: standing.lastRecord,
      counters: JSON.stringify(standing.counters),
      late: standing.late,
      fixings: JSON.stringify(standing.fixings.days),
      panes_offset: panesOffset,
      stored_at: new Date(now).toISOString().replace("T", " ").replace("Z", ""),
    }));
    await this.#answering.watch(() =>
      this.#client.insert({ table: `${this.#db}.positions`, values, format: "JSONEachRow" }),
    );
  }

  #own(partition: number): string {
    return `source = ${text(this.#source)} AND partition = ${partition} AND generation = ${this.#generation}`;
  }

  async #read<T extends ReadTable>(table: T, where: string, signal?: AbortSignal): Promise<RowOf<T>[]> {
    return this.#rows(this.#select(table, where), signal);
  }

  async *#stream<T extends ReadTable>(table: T, where: string): AsyncGenerator<RowOf<T>[]> {
    const query = this.#select(table, where);
    const answer = await this.#answering.watch(() => this.#client.query({ query, format: "JSONEachRow" }));
    for await (const rows of answer.stream<RowOf<T>>()) {
      yield rows.map((row) => row.json());
      await new Promise(setImmediate);
    }
  }

  #select(table: ReadTable, where: string): string {
    return `SELECT ${READ[table].columns} FROM ${this.#db}.${table} FINAL WHERE ${where}`;
  }

  async #rows<T>(query: string, abort_signal?: AbortSignal): Promise<T[]> {
    const clickhouse_settings = { max_query_size: QUESTION_BYTES };
    const question = {
      query,
      format: "JSONEachRow",
      clickhouse_settings,
      ...(abort_signal && { abort_signal }),
    } as const;
    return this.#answering.watch(async () => (await this.#client.query(question)).json<T>());
  }
}

/** Encodes the rows of several partitions, table by table: one insert a table, more only where one is full. */
export function encodeRows(works: readonly { origin: Origin; work: FlushWork }[]): EncodedRows {
  const inserts: Insert[] = [];
  let rows = 0;
  const writer = new RowBinaryWriter();
  const cut = (table: TableName, atLeast: number): void => {
    if (writer.length >= atLeast && writer.length > 0) inserts.push({ table, pieces: [writer.take()] });
  };
  const each = <T>(table: TableName, of: (work: FlushWork) => Iterable<T>, write: Write<T>): void => {
    for (const { origin, work } of works) {
      const encoded = encodeOrigin(origin);
      for (const row of of(work)) {
        write(writer, encoded, row, work);
        rows++;
        cut(table, INSERT_BYTES);
      }
    }
    cut(table, 1);
  };
  // 1. raw rows  2. sessions, orders, panes: the order in which they are stored, too
  const raw = works.map(({ work }) => work.outcomes.raw as RawPieces);
  for (const pieces of together(raw.flatMap((one) => one.pieces))) inserts.push({ table: "raw_events", pieces });
  rows += raw.reduce((sum, one) => sum + one.rows, 0);
  each("sessions", (work) => work.sessions, writeSession);
  each("orders", (work) => work.orders, writeOrder);
  each("panes", (work) => work.panes, writePane);
  return { inserts, rows };
}

/** Pieces of one table, as they go into inserts. */
function* together(pieces: readonly Buffer[]): Generator<Buffer[]> {
  let bytes = 0;
  let some: Buffer[] = [];
  for (const piece of pieces) {
    some.push(piece);
    bytes += piece.length;
    if (bytes < INSERT_BYTES) continue;
    yield some;
    some = [];
    bytes = 0;
  }
  if (some.length > 0) yield some;
}

type Write<T> = (to: RowBinaryWriter, origin: Buffer, row: T, work: FlushWork) => void;

interface StoredPositionRow {
  upto: number;
  partitions: number;
  firstOffset: number;
  gaps: number;
  logicVersion: number;
  currencies: string;
  watermark: number | null;
  appendedAt: number | null;
  lastRecord: string;
  counters: string;
  late: number;
  fixings: string;
}

const seconds = (ms: number): number => Math.max(0, Math.floor(ms / 1000));

function* chunks<T>(all: readonly T[], lettersOf: (key: T) => number): Generator<T[]> {
  let chunk: T[] = [];
  let letters = 0;
  for (const key of all) {
    if (chunk.length === KEYS_AT_ONCE || letters > LETTERS_AT_ONCE) {
      yield chunk;
      chunk = [];
      letters = 0;
    }
    chunk.push(key);
    letters += lettersOf(key);
  }
  if (chunk.length > 0) yield chunk;
}

type RowOf<T extends ReadTable> = (typeof READ)[T]["row"];
type OrdersBySession = Map<string, StoredOrder[]>;

function addBySession(bySession: OrdersBySession, rows: readonly RowOf<"orders">[]): OrdersBySession {
  for (const row of rows) {
    const key = keyText(keyFrom(row));
    const list = bySession.get(key);
    if (list) list.push(orderFrom(row));
    else bySession.set(key, [orderFrom(row)]);
  }
  return bySession;
}

const withOrders = (row: RowOf<"sessions">, bySession: OrdersBySession): StoredSession =>
  sessionFrom(row, bySession.get(keyText(keyFrom(row))) ?? []);
