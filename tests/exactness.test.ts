// The exactness argument on the real fold: random logs, crashes between and inside the numbered effects, two owners of one
// partition, lost and late inserts, storage away, evictions. However it goes, every row must equal the oracle's.
import { expect, test } from "vitest";
import { EventDecoder } from "../producers/contract/codec.ts";
import { accounted } from "../stream/contract/accounting.ts";
import type { PaneRow } from "../stream/contract/flush.ts";
import { beginFlush, beginPublish, flushFailed, flushStored, type FlushWork } from "../stream/core/flush-work.ts";
import { noNeeds } from "../stream/core/memory.ts";
import { atStart, PartitionFold, type Standing } from "../stream/core/partition-fold.ts";
import type { LogRecord } from "../stream/core/log-record.ts";
import { MemoryStorage, paneKey, type Random } from "./support/memory-storage.ts";
import { oracle, vectorOf, type OracleResult } from "./support/oracle.ts";
import { randomLog, randomOf } from "./support/random-log.ts";

const CURRENCIES = new Map([
  ["a", "GBP"],
  ["b", "EUR"],
]);
const decoder = new EventDecoder();

/** One owner of the partition: what a worker does, one small step at a time. */
class Owner {
  readonly fold: PartitionFold;
  readonly #log: readonly LogRecord[];
  readonly #storage: MemoryStorage;
  readonly #gateway: Map<string, PaneRow>;
  #flush: { work: FlushWork; steps: (() => boolean)[] } | null = null;
  #stored: Standing | null = null;

  constructor(log: readonly LogRecord[], storage: MemoryStorage, gateway: Map<string, PaneRow>) {
    this.#log = log;
    this.#storage = storage;
    this.#gateway = gateway;
    this.fold = new PartitionFold({ decoder, currencies: CURRENCIES }, storage.position ?? atStart(0));
    if (storage.position) this.fold.supply(noNeeds(), storage.loadLive(storage.position.watermark));
  }

  get done(): boolean {
    const { position } = this.fold;
    return position >= this.#log.length && (this.#storage.position?.position ?? 0) >= position && !this.#flush;
  }

  /** Folds up to `count` records as one batch. */
  process(count: number): void {
    if (this.fold.firstParked !== null && this.#storage.up) this.#unpark();
    for (let i = 0; i < count; i++) {
      const record = this.#log[this.fold.position];
      if (!record) break;
      const read = this.fold.read(record);
      for (let needs = this.fold.fold(read); needs !== null; needs = this.fold.fold(read)) {
        const rows = this.#storage.lookUp(needs);
        if (!rows) {
          this.fold.park(read);
          break;
        }
        this.fold.supply(needs, rows);
      }
    }
    this.fold.memory.endBatch();
  }

  publish(): void {
    for (const row of beginPublish(this.fold).rows) {
      const old = this.#gateway.get(paneKey(row));
      if (!old || row.upto >= old.upto) this.#gateway.set(paneKey(row), row);
    }
  }

  /** One of the numbered effects. */
  flush(random: Random): void {
    if (!this.#flush) {
      const work = beginFlush(this.fold);
      if (!work) return;
      const storage = this.#storage;
      const rows = [storage.sessionRows(work), storage.orderRows(work), storage.paneRows(work)];
      const inserts = [storage.rawRows(work), ...rows].filter((insert) => insert.length > 0);
      this.#flush = { work, steps: inserts.map((insert) => () => storage.insert(insert)) };
    }
    const { work, steps } = this.#flush;
    const step = steps[0];
    if (step) {
      if (step()) steps.shift();
      else if (random() < 0.5) {
        flushFailed(work);
        this.#flush = null;
      }
      return;
    }
    if (this.#stored !== work.standing) {
      flushStored(work);
      this.publish();
      this.#stored = work.standing;
      return;
    }
    const { standing } = work;
    const insert = (): void => {
      const at = this.#storage.position;
      if (!at || standing.position >= at.position) this.#storage.position = standing;
    };
    if (this.#storage.insert([insert])) this.#flush = null;
  }

  evict(): void {
    this.fold.memory.evict(this.fold.standing.watermark);
  }

  #unpark(): void {
    for (let needs = this.fold.unpark(); needs !== null; needs = this.fold.unpark()) {
      const rows = this.#storage.lookUp(needs);
      if (!rows) return;
      this.fold.supply(needs, rows);
    }
    this.fold.memory.endBatch();
  }
}

function runOnce(seed: number): { log: LogRecord[]; storage: MemoryStorage; gateway: Map<string, PaneRow> } {
  const random = randomOf(seed);
  const log = randomLog(random, 10 + Math.floor(random() * 70));
  const storage = new MemoryStorage(random);
  const gateway = new Map<string, PaneRow>();
  const born = (): Owner => new Owner(log, storage, gateway);
  let owners = [born()];
  const steps = 20 + Math.floor(random() * 250);
  for (let i = 0; i < steps; i++) {
    const owner = owners[Math.floor(random() * owners.length)];
    const chance = random();
    if (chance < 0.03) storage.up = !storage.up;
    else if (chance < 0.07 && storage.lost > 0) storage.landLost();
    else if (!owner) {
      if (storage.up) owners.push(born());
    } else if (chance < 0.12) owners = owners.filter((other) => other !== owner);
    else if (chance < 0.16 && owners.length < 2 && storage.up) owners.push(born());
    else if (chance < 0.24) owner.publish();
    else if (chance < 0.32) owner.evict();
    else if (chance < 0.62) owner.flush(random);
    else owner.process(1 + Math.floor(random() * 4));
  }
  storage.up = true;
  storage.faults = false;
  const last = owners.pop() ?? born();
  if (owners[0] && random() < 0.5) owners[0].flush(random); // a stale owner writes once more
  for (let i = 0; i < 2000 && !last.done; i++) {
    last.process(5);
    if (random() < 0.3) last.evict();
    last.flush(random);
  }
  last.publish();
  while (storage.lost > 0) storage.landLost();
  return { log, storage, gateway };
}

/** What differs between storage and the oracle; empty: nothing. */
function differences(seed: number): string[] {
  const { log, storage, gateway } = runOnce(seed);
  const want = oracle(log, CURRENCIES);
  const problems: string[] = [];
  const compare = (what: string, got: unknown, wanted: unknown): void => {
    const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
    if (a !== b) problems.push(`${what}: ${a}, oracle ${b}`);
  };
  const position = storage.position!;
  compare("position", position.position, log.length);
  compare("counters", position.counters, want.counters);
  compare("accounted", accounted(position.counters), log.length);
  compare(
    "raw",
    log.map(({ offset }) => storage.raw.get(offset)),
    want.verdicts,
  );
  const panes = new Map([...storage.panes].map(([key, { row }]) => [key, shown(row)]));
  comparePanes("pane", panes, want, compare);
  const published = new Map([...gateway].map(([key, row]) => [key, shown(row)]));
  for (const [key, row] of published) compare(`gateway ${key}`, row, panes.get(key));
  for (const key of new Set([...storage.sessions.keys(), ...want.sessions.keys()])) {
    const row = storage.sessions.get(key)?.row;
    const wanted = want.sessions.get(key);
    compare(
      `session ${key}`,
      row && [row.seenId.length, row.firstOrder >= 0, row.profile.bot, row.profile.country],
      wanted && [wanted.events, wanted.ordered, wanted.bot, wanted.country],
    );
  }
  for (const key of new Set([...storage.orders.keys(), ...want.orders.keys()])) {
    const row = storage.orders.get(key)?.row;
    const wanted = want.orders.get(key);
    const taken = row && row.takes.reduce((sum, { reported }) => sum + reported.goods, 0);
    compare(`order ${key}`, row && [row.placed?.gross ?? null, taken], wanted && [wanted.gross, wanted.taken]);
  }
  return problems;
}

const shown = (row: Pick<PaneRow, "measures" | "sketchIndex" | "sketchCount">): unknown => [
  row.measures,
  row.sketchIndex,
  row.sketchCount,
];

function comparePanes(
  what: string,
  panes: ReadonlyMap<string, unknown>,
  want: OracleResult,
  compare: (what: string, got: unknown, wanted: unknown) => void,
): void {
  for (const key of new Set([...panes.keys(), ...want.panes.keys()])) {
    const wanted = want.panes.get(key);
    const buckets = Object.entries(wanted?.sketch ?? {}).sort(([a], [b]) => Number(a) - Number(b));
    const row = wanted && [
      vectorOf(wanted),
      buckets.map(([bucket]) => Number(bucket)),
      buckets.map(([, count]) => count),
    ];
    compare(`${what} ${key}`, panes.get(key), row);
  }
}

test(
  "however a worker dies, is doubled, loses inserts or finds storage away, every row equals the oracle",
  { timeout: 120_000 },
  () => {
    for (let seed = 1; seed <= 1500; seed++) {
      const problems = differences(seed);
      expect(problems, `seed ${seed}`).toEqual([]);
    }
  },
);
