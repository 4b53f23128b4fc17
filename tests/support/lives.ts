// Random lives of one partition on the real fold: owners come, work, die, are doubled and lose inserts, storage goes away and
// comes back, rows leave memory, lost inserts land late. However a life goes, every row must equal the oracle's in the end.
import { EventDecoder } from "../../producers/contract/codec.ts";
import { accounted, consumed } from "../../stream/contract/accounting.ts";
import type { PaneRow } from "../../stream/contract/flush.ts";
import { PUBLISHED_MS } from "../../stream/contract/lateness.ts";
import { beginFlush, beginPublish, flushFailed, flushStored, type FlushWork } from "../../stream/core/flush-work.ts";
import type { LogRecord } from "../../stream/core/log-record.ts";
import {
  noNeeds,
  type Needs,
  type StoredOrder,
  type StoredRows,
  type StoredSession,
} from "../../stream/core/memory.ts";
import { atStart, PartitionFold, type Standing } from "../../stream/core/partition-fold.ts";
import { MemoryRaw, MemoryStorage, paneKey, type Random } from "./memory-storage.ts";
import {
  oracle,
  orderFacts,
  paneFacts,
  sessionFacts,
  type OracleOrder,
  type OracleResult,
  type OracleSession,
} from "./oracle.ts";
import { randomLog, randomOf } from "./random-log.ts";

/** The rules that are kept by whoever runs the fold, not by the fold itself; each may be broken, to see that it is needed. */
export interface Practice {
  /** Rows are stored before the position that covers them. */
  readonly rowsFirst: boolean;
  /** A position also waits until the panes of its records are published. */
  readonly publishFirst: boolean;
  /** A gateway keeps the row with the highest `upto`, not the one that came last. */
  readonly highestWins: boolean;
  /** The late path sees every insert that was acknowledged. */
  readonly readsLatest: boolean;
  /** Nothing is folded between the beginning of a flush and the encoding of its rows. */
  readonly encodesAtOnce: boolean;
}

export const SOUND: Practice = {
  rowsFirst: true,
  publishFirst: true,
  highestWins: true,
  readsLatest: true,
  encodesAtOnce: true,
};

const CURRENCIES = new Map([
  ["a", "GBP"],
  ["b", "EUR"],
]);
const decoder = new EventDecoder();

interface World {
  readonly practice: Practice;
  readonly random: Random;
  readonly log: readonly LogRecord[];
  /** Records that Kafka has so far. */
  available: number;
  readonly storage: MemoryStorage;
  /** What a read may see that does not wait for the newest inserts. */
  lagging: MemoryStorage;
  readonly gateway: Map<string, PaneRow>;
  /** Broken promises that were seen on the way. */
  readonly problems: string[];
}

/** One owner of the partition: what a worker does, one small step at a time. */
class Owner {
  readonly fold: PartitionFold;
  readonly #world: World;
  #next: number;
  #flush: { work: FlushWork; steps: (() => boolean)[] } | null = null;
  #storedTo = -1;
  /** It cannot reach storage, while others may. */
  cutOff = false;

  constructor(world: World) {
    this.#world = world;
    const { storage, log } = world;
    const { position } = storage;
    const standing = position ?? atStart(log[0]?.offset ?? 0);
    this.fold = new PartitionFold({ decoder, currencies: CURRENCIES }, standing, new MemoryRaw());
    if (position) this.fold.supply(noNeeds(), storage.loadLive(position.watermark));
    this.#next = log.findIndex(({ offset }) => offset >= this.fold.position);
    if (this.#next < 0) this.#next = log.length;
  }

  get done(): boolean {
    const { log } = this.#world;
    return this.#next >= log.length && this.#storedTo >= this.fold.position && this.#flush === null;
  }

  /** Folds up to `count` records as one batch; now and then the batch is given up in the middle, and nobody is told. */
  process(count: number): void {
    const { storage, log, available } = this.#world;
    if (this.fold.firstParked !== null && storage.up && !this.cutOff) this.#unpark();
    const reads = this.#world.random() < 0.5; // both ways of a worker
    let toForesee = this.#world.random() < 0.5;
    for (let i = 0; i < count && this.#next < available; i++, this.#next++) {
      if (this.#world.random() < 0.04) return;
      const record = log[this.#next]!;
      const step = (): Needs | null => (reads ? this.fold.fold(this.fold.read(record)) : this.fold.foldRecord(record));
      for (let needs = step(); needs !== null; needs = step()) {
        if (toForesee) this.#askAhead(needs);
        toForesee = false;
        const rows = this.#lookUp(needs);
        if (!rows) {
          this.fold.park(this.fold.read(record));
          break;
        }
        this.fold.supply(needs, rows);
      }
    }
    this.fold.memory.endBatch();
  }

  /** What the next records may need: sessions first, then, knowing these, panes. */
  #askAhead(needs: Needs): void {
    const { log, available } = this.#world;
    const ahead = log.slice(this.#next, Math.min(available, this.#next + 30)).map((record) => this.fold.read(record));
    this.fold.foresee(ahead, needs);
    const rows = this.#lookUp(needs);
    if (!rows) return;
    this.fold.supply(needs, rows);
    this.fold.foresee(ahead, needs);
  }

  publish(): void {
    const { gateway, practice } = this.#world;
    for (const row of beginPublish(this.fold).rows) {
      const old = gateway.get(paneKey(row));
      if (!old || row.upto >= old.upto || !practice.highestWins) gateway.set(paneKey(row), row);
    }
  }

  /** One of the numbered effects. */
  flush(): void {
    const { random } = this.#world;
    this.#flush ??= this.#begin();
    if (!this.#flush) return;
    const { work, steps } = this.#flush;
    if (!steps[0]!()) {
      if (random() < 0.4) {
        flushFailed(work);
        this.#flush = null;
      }
      return;
    }
    steps.shift();
    if (steps.length > 0) return;
    this.#storedTo = work.standing.position;
    this.#flush = null;
  }

  evict(): void {
    for (const _ of this.fold.memory.evict(this.fold.standing.watermark));
  }

  #begin(): { work: FlushWork; steps: (() => boolean)[] } | null {
    const { storage, random, practice, problems } = this.#world;
    const work = beginFlush(this.fold);
    if (!work) return null;
    if (!practice.encodesAtOnce) this.process(3);
    const { standing } = work;
    if (accounted(standing.counters) !== consumed(standing))
      problems.push(`${accounted(standing.counters)} records accounted for, ${consumed(standing)} consumed`);
    const tables = [storage.sessionRows(work), storage.orderRows(work), storage.paneRows(work)];
    const inserts = tables.filter((rows) => rows.length > 0).sort(() => random() - 0.5);
    const steps = [storage.rawRows(work), ...inserts].map((rows) => () => this.#insert(rows));
    const stored = (): boolean => {
      flushStored(work);
      if (practice.publishFirst) this.publish();
      return true;
    };
    const positioned = (): boolean => this.#insert([() => storage.putPosition(work.standing)]);
    return { work, steps: practice.rowsFirst ? [...steps, stored, positioned] : [positioned, ...steps, stored] };
  }

  #lookUp(needs: Needs): StoredRows | undefined {
    const { practice, random, lagging, storage } = this.#world;
    if (this.cutOff) return undefined;
    return (practice.readsLatest || !storage.up || random() < 0.5 ? storage : lagging).lookUp(needs);
  }

  #insert(rows: readonly (() => void)[]): boolean {
    return !this.cutOff && this.#world.storage.insert(rows);
  }

  #unpark(): void {
    for (let needs = this.fold.unpark(); needs !== null; needs = this.fold.unpark()) {
      const rows = this.#lookUp(needs);
      if (!rows) return;
      this.fold.supply(needs, rows);
    }
    this.fold.memory.endBatch();
  }
}

function live(seed: number, practice: Practice): World {
  const random = randomOf(seed * 7919);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const log = randomLog(random, pick([4, 8, 14, 24, 60]));
  const storage = new MemoryStorage(random);
  const world: World = {
    practice,
    random,
    log,
    available: Math.floor(random() * (log.length + 1)),
    storage,
    lagging: storage.copy(),
    gateway: new Map(),
    problems: [],
  };
  let owners = [new Owner(world)];
  const steps = pick([40, 120, 300]);
  for (let i = 0; i < steps; i++) {
    const owner = owners[Math.floor(random() * owners.length)];
    const chance = random();
    if (chance < 0.03) storage.up = !storage.up;
    else if (chance < 0.06 && storage.lost > 0) storage.landLost();
    else if (chance < 0.12) world.available = Math.min(log.length, world.available + 1 + Math.floor(random() * 4));
    else if (chance < 0.14) world.lagging = storage.copy();
    else if (!owner) {
      if (storage.up) owners.push(new Owner(world));
    } else if (chance < 0.17) owners = owners.filter((other) => other !== owner);
    else if (chance < 0.19) owner.cutOff = !owner.cutOff;
    else if (chance < 0.23 && owners.length < 2 && storage.up) owners.push(new Owner(world));
    else if (chance < 0.3) owner.publish();
    else if (chance < 0.38) owner.evict();
    else if (chance < 0.64) for (let n = pick([1, 2, 3, 4]); n > 0; n--) owner.flush();
    else owner.process(pick([1, 2, 3, 4, 30]));
  }
  drain(world, owners);
  return world;
}

/** Storage is back; a stale owner does a little more and ends; lost inserts land before and after. */
function drain(world: World, owners: Owner[]): void {
  const { storage, random, log } = world;
  storage.up = true;
  storage.faults = false;
  world.available = log.length;
  const last = owners.pop() ?? new Owner(world);
  last.cutOff = false;
  for (const stale of owners) {
    if (random() < 0.5) continue;
    last.flush();
    stale.process(1);
    stale.flush();
    stale.publish();
  }
  const finish = (owner: Owner): void => {
    for (let i = 0; i < 2000 && !owner.done; i++) {
      owner.process(5);
      if (random() < 0.3) owner.evict();
      owner.flush();
    }
    owner.publish();
  };
  finish(last);
  while (storage.lost > 0) storage.landLost();
  // a late insert may have taken the position back: then one more restart mends it
  if ((storage.position?.position ?? -1) < last.fold.position && log.length > 0) finish(new Owner(world));
}

/** What is wrong at the end of a life; empty: nothing. */
export function violations(seed: number, practice: Practice = SOUND): string[] {
  const { log, storage, gateway, problems } = live(seed, practice);
  const want = oracle(log, CURRENCIES);
  const compare = (what: string, got: unknown, wanted: unknown): void => {
    const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
    if (a !== b) problems.push(`${what}: ${a}, oracle ${b}`);
  };
  const position: Standing | null = storage.position;
  compare("position", position?.position, log.at(-1)!.offset + 1);
  compare("counters", position?.counters, want.counters);
  compare(
    "raw",
    log.map(({ offset }) => storage.raw.get(offset)),
    want.verdicts,
  );
  const panes = new Map([...storage.panes].map(([key, { row }]) => [key, shown(row)]));
  comparePanes(panes, want, compare);
  const published = Math.max(...log.map(({ timestamp }) => timestamp)) - PUBLISHED_MS;
  for (const [key, { row }] of storage.panes)
    if (row.start * 1000 >= published || gateway.has(key)) {
      const there = gateway.get(key);
      compare(`gateway ${key}`, there && shown(there), shown(row));
    }
  for (const key of new Set([...storage.sessions.keys(), ...want.sessions.keys()])) {
    const row = storage.sessions.get(key)?.row;
    const wanted = want.sessions.get(key);
    compare(`session ${key}`, row && sessionFacts(sessionOf(row)), wanted && sessionFacts(wanted));
  }
  for (const key of new Set([...storage.orders.keys(), ...want.orders.keys()])) {
    const row = storage.orders.get(key)?.row;
    const wanted = want.orders.get(key);
    const found = row && storage.sessions.get(row.session)?.row;
    compare(
      `order ${key}`,
      row && (found ? orderFacts(orderOf(row, found)) : "without its session"),
      wanted && orderFacts(wanted),
    );
  }
  return [...problems, ...storage.ties];
}

const sessionOf = ({ profile, visitor, customer, ...row }: StoredSession): OracleSession => ({
  ...profile,
  visitor,
  customer,
  events: row.seenId.length,
  lastEventAt: row.lastEventAt,
  cart: row.firstCart >= 0,
  checkout: row.firstCheckout >= 0,
  ordered: row.firstOrder >= 0,
});

const orderOf = ({ placedAt, placed, takes }: StoredOrder, session: StoredSession): OracleOrder => ({
  session: sessionOf(session),
  placedAt,
  placed,
  takes: [...takes],
});

const shown = (row: Pick<PaneRow, "measures" | "sketchIndex" | "sketchCount">): unknown => [
  row.measures,
  row.sketchIndex,
  row.sketchCount,
];

function comparePanes(
  panes: ReadonlyMap<string, unknown>,
  want: OracleResult,
  compare: (what: string, got: unknown, wanted: unknown) => void,
): void {
  for (const key of new Set([...panes.keys(), ...want.panes.keys()])) {
    const wanted = want.panes.get(key);
    compare(`pane ${key}`, panes.get(key), wanted && paneFacts(wanted));
  }
}
