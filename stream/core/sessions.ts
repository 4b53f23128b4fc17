// Live sessions. There are up to a million, each event changes one of them at random, and each must be found by the bytes of
// its id: as objects they would cost a kilobyte and a dozen cache misses each. So a session is a row of doubles in a slab,
// laid out so that what is read together lies together, and the garbage collector never looks at it.
//
//   line 1   startedAt │ hash, kind and length of id │ id, its first 40 bytes ──────────────── │ firstOffset      found here
//   line 2   upto  base │ activeAt  lastEventAt │ version, saved │ cut, traits │ seen, queued │ firstOrder        changed here
//   3 to 6   hash, offset  hash, offset  hash, offset  hash, offset                   event ids; more of them overflow
//   line 7   firstCart  firstCheckout │ ids of visitor and customer, with their lengths ──────────────────        seldom needed
//
// What few sessions have (orders, ids too long for their place, event ids beyond the sixteenth) is an object beside it. A `Session` is a cursor: it
// stands on one row, and moves.
import { Cuts, type Cut } from "./cut.ts";
import { People } from "./people.ts";
import type { Row } from "./row.ts";
import { kindNumber, NEVER, SESSION_KINDS, type OrderRow, type SessionKey, type SessionKind } from "./session.ts";

const ROW = 56;
const STARTED = 0; // NaN: the row is nobody's
const HASH_32 = 2; // in halves of doubles
const KIND_LENGTH_32 = 3;
const ID_8 = 16; // in bytes
const ID_BYTES = 40;
const FIRST = 7;
const UPTO = 8;
const BASE = 9;
const ACTIVE = 10;
const LAST_EVENT = 11;
const VERSION_32 = 24;
const SAVED_32 = 25;
const CUT_32 = 26;
const TRAITS_32 = 27; // its store's number, and whether it is a bot, so that the cut is seldom needed
const SEEN_32 = 28;
const QUEUED_32 = 29;
const FIRST_ORDER = 15;
const PAIRS = 16;
const FIRST_CART = 48;
const FIRST_CHECKOUT = 49;
/** Event ids that fit into a row. */
const SEEN_IN_ROW = (FIRST_CART - PAIRS) / 2;
const VISITOR_LENGTH_8 = 400;
const CUSTOMER_LENGTH_8 = 401;
const PEOPLE_8 = 402;
const PEOPLE_BYTES = ROW * 8 - PEOPLE_8;

/** Rows of one slab, a power of two; small enough that making one is no pause. */
const SLAB_BITS = 12;
const SLAB_ROWS = 1 << SLAB_BITS;

/** Where the row of a slot begins in its slab. */
const rowOf = (slot: number): number => (slot & (SLAB_ROWS - 1)) * ROW;

class Slab {
  readonly doubles: Float64Array;
  readonly halves: Int32Array;
  readonly bytes: Buffer;

  constructor(rows: number) {
    this.doubles = new Float64Array(rows * ROW);
    this.halves = new Int32Array(this.doubles.buffer);
    this.bytes = Buffer.from(this.doubles.buffer);
  }
}

/** What few sessions have; null: not this one. */
class Extras {
  /** Where they do not fit into the row. */
  id: string | null = null;
  people: People | null = null;
  /** By order_id; a refund that names no order keeps its takes under the empty id. */
  orders: Map<string, OrderRow> | null = null;
  /** Event ids beyond those that fit into its row: hash and offset. */
  moreSeen: Map<number, number> | null = null;
}

/** A session to look for: its key, with its id as UTF-8. */
export interface Wanted {
  readonly hash: number;
  readonly kind: SessionKind;
  readonly startedAt: number;
  readonly idBytes: Buffer;
  readonly idAt: number;
  readonly idEnd: number;
}

/** Takes columns of a session. */
interface Columns {
  i64(value: number): void;
  range(bytes: Buffer, from: number, to: number): void;
  string(value: string): void;
}

/** A cursor on the row of one session. */
export class Session implements Row {
  readonly #sessions: Sessions;
  #slab: Slab;
  #at = 0;
  #slot = -1;
  /** Of a session that has no slot yet. */
  #unborn: Extras | null = null;

  constructor(sessions: Sessions, slab: Slab) {
    this.#sessions = sessions;
    this.#slab = slab;
  }

  /** −1: it is not among the live sessions yet. */
  get slot(): number {
    return this.#slot;
  }

  get isNew(): boolean {
    return this.#slot === -1;
  }

  moveTo(slot: number, slab: Slab): this {
    this.#slot = slot;
    this.#slab = slab;
    this.#at = rowOf(slot);
    return this;
  }

  /** Starts over on a slab of its own, as a session that no record has touched. */
  begin(slab: Slab, wanted: Wanted, cut: Cut, people: People): this {
    const { hash, kind, startedAt, idBytes, idAt, idEnd } = wanted;
    this.#slot = -1;
    this.#slab = slab;
    this.#at = 0;
    this.#unborn = null;
    const { doubles, halves, bytes } = slab;
    doubles[STARTED] = startedAt;
    halves[HASH_32] = hash;
    halves[KIND_LENGTH_32] = kindAndLength(kind, idEnd - idAt);
    for (let i = 0; i < ID_BYTES; i++) bytes[ID_8 + i] = idAt + i < idEnd ? idBytes[idAt + i]! : 0;
    doubles[FIRST] = doubles[FIRST_ORDER] = doubles[FIRST_CART] = doubles[FIRST_CHECKOUT] = NEVER;
    doubles[ACTIVE] = startedAt;
    doubles[LAST_EVENT] = 0;
    doubles[BASE] = doubles[UPTO] = -1;
    halves[VERSION_32] = halves[SAVED_32] = halves[QUEUED_32] = halves[SEEN_32] = 0;
    halves[CUT_32] = cut.number;
    halves[TRAITS_32] = (cut.storeNumber << 1) | (cut.bot ? 1 : 0);
    if (idEnd - idAt > ID_BYTES) this.#makeExtras().id = idBytes.toString("utf8", idAt, idEnd);
    this.#keep(people);
    return this;
  }

  #keep(people: People): void {
    const visitor = people.visitorEnd - people.visitorAt;
    const customer = people.customerEnd - people.customerAt;
    const { bytes } = this.#slab;
    if (visitor + customer > PEOPLE_BYTES) {
      this.#makeExtras().people = People.of(people.visitor, people.customer); // which keeps no record's bytes
      return;
    }
    bytes[VISITOR_LENGTH_8] = visitor;
    bytes[CUSTOMER_LENGTH_8] = customer;
    for (let i = 0; i < visitor; i++) bytes[PEOPLE_8 + i] = people.bytes[people.visitorAt + i]!;
    for (let i = 0; i < customer; i++) bytes[PEOPLE_8 + visitor + i] = people.bytes[people.customerAt + i]!;
  }

  /** Copies itself into a row of the live sessions and stands there. */
  settle(slot: number, slab: Slab): Extras | null {
    const from = this.#slab.halves; // as numbers that keep every bit, unlike some doubles
    this.moveTo(slot, slab);
    const { halves } = slab;
    for (let i = 0, at = this.#at * 2; i < ROW * 2; i++) halves[at + i] = from[i]!;
    const extras = this.#unborn;
    this.#unborn = null;
    return extras;
  }

  is({ hash, kind, startedAt, idBytes, idAt, idEnd }: Wanted): boolean {
    const { doubles, halves, bytes } = this.#slab;
    const at = this.#at;
    if (doubles[at + STARTED] !== startedAt || halves[at * 2 + HASH_32] !== hash) return false;
    const length = idEnd - idAt;
    if (halves[at * 2 + KIND_LENGTH_32] !== kindAndLength(kind, length)) return false;
    if (length > ID_BYTES) return this.#extras!.id === idBytes.toString("utf8", idAt, idEnd);
    const id = at * 8 + ID_8;
    for (let i = 0; i < length; i++) if (bytes[id + i] !== idBytes[idAt + i]) return false;
    return true;
  }

  get #extras(): Extras | null {
    return this.#slot === -1 ? this.#unborn : this.#sessions.extrasOf(this.#slot);
  }

  #makeExtras(): Extras {
    if (this.#slot === -1) return (this.#unborn ??= new Extras());
    return this.#sessions.makeExtrasOf(this.#slot);
  }

  get id(): string {
    const { halves, bytes } = this.#slab;
    const length = halves[this.#at * 2 + KIND_LENGTH_32]! >> 2;
    const at = this.#at * 8 + ID_8;
    return length > ID_BYTES ? this.#extras!.id! : bytes.toString("utf8", at, at + length);
  }

  get key(): SessionKey {
    return { kind: this.kind, id: this.id, startedAt: this.startedAt };
  }

  /** Ids of its visitor and customer, those of its first record; good while it stands here. */
  get people(): People {
    const { bytes } = this.#slab;
    const row = this.#at * 8;
    const long = this.#extras?.people;
    if (long) return long;
    const visitorAt = row + PEOPLE_8;
    const visitorEnd = visitorAt + bytes[row + VISITOR_LENGTH_8]!;
    return new People(bytes, visitorAt, visitorEnd, visitorEnd, visitorEnd + bytes[row + CUSTOMER_LENGTH_8]!);
  }

  get orders(): ReadonlyMap<string, OrderRow> | null {
    return this.#extras?.orders ?? null;
  }

  /** An order that it does not have yet. */
  addOrder(order: OrderRow): void {
    order.slot = this.#slot;
    (this.#makeExtras().orders ??= new Map()).set(order.orderId, order);
  }

  get cutNumber(): number {
    return this.#slab.halves[this.#at * 2 + CUT_32]!;
  }

  get cut(): Cut {
    return this.#sessions.cuts.at(this.cutNumber);
  }

  get storeNumber(): number {
    return this.#slab.halves[this.#at * 2 + TRAITS_32]! >> 1;
  }

  get bot(): boolean {
    return (this.#slab.halves[this.#at * 2 + TRAITS_32]! & 1) === 1;
  }

  get kind(): SessionKind {
    return SESSION_KINDS[this.#slab.halves[this.#at * 2 + KIND_LENGTH_32]! & 3]!;
  }

  get hash(): number {
    return this.#slab.halves[this.#at * 2 + HASH_32]!;
  }

  get startedAt(): number {
    return this.#slab.doubles[this.#at + STARTED]!;
  }

  get firstOffset(): number {
    return this.#slab.doubles[this.#at + FIRST]!;
  }
  set firstOffset(offset: number) {
    this.#slab.doubles[this.#at + FIRST] = offset;
  }

  get firstOrder(): number {
    return this.#slab.doubles[this.#at + FIRST_ORDER]!;
  }
  set firstOrder(offset: number) {
    this.#slab.doubles[this.#at + FIRST_ORDER] = offset;
  }

  get firstCart(): number {
    return this.#slab.doubles[this.#at + FIRST_CART]!;
  }
  set firstCart(offset: number) {
    this.#slab.doubles[this.#at + FIRST_CART] = offset;
  }

  get firstCheckout(): number {
    return this.#slab.doubles[this.#at + FIRST_CHECKOUT]!;
  }
  set firstCheckout(offset: number) {
    this.#slab.doubles[this.#at + FIRST_CHECKOUT] = offset;
  }

  /** Greatest of its start and its events' occurred_at: how long it stays in memory. */
  get activeAt(): number {
    return this.#slab.doubles[this.#at + ACTIVE]!;
  }
  set activeAt(time: number) {
    this.#slab.doubles[this.#at + ACTIVE] = time;
  }

  /** Greatest occurred_at: whether it is a visitor now. 0: it has no event yet. */
  get lastEventAt(): number {
    return this.#slab.doubles[this.#at + LAST_EVENT]!;
  }
  set lastEventAt(time: number) {
    this.#slab.doubles[this.#at + LAST_EVENT] = time;
  }

  get base(): number {
    return this.#slab.doubles[this.#at + BASE]!;
  }
  set base(offset: number) {
    this.#slab.doubles[this.#at + BASE] = offset;
  }

  get upto(): number {
    return this.#slab.doubles[this.#at + UPTO]!;
  }
  set upto(offset: number) {
    this.#slab.doubles[this.#at + UPTO] = offset;
  }

  get version(): number {
    return this.#slab.halves[this.#at * 2 + VERSION_32]!;
  }
  set version(version: number) {
    this.#slab.halves[this.#at * 2 + VERSION_32] = version;
  }

  get saved(): number {
    return this.#slab.halves[this.#at * 2 + SAVED_32]!;
  }
  set saved(version: number) {
    this.#slab.halves[this.#at * 2 + SAVED_32] = version;
  }

  get queued(): boolean {
    return this.#slab.halves[this.#at * 2 + QUEUED_32] === 1;
  }
  set queued(queued: boolean) {
    this.#slab.halves[this.#at * 2 + QUEUED_32] = queued ? 1 : 0;
  }

  /** How many different event ids it has seen. */
  get seen(): number {
    return this.#slab.halves[this.#at * 2 + SEEN_32]!;
  }

  /** The offset at which an event id, by its hash, was first seen; NEVER: it was not. */
  seenAt(hash: number): number {
    const { doubles } = this.#slab;
    const { seen } = this;
    const from = this.#at + PAIRS;
    const to = from + 2 * Math.min(seen, SEEN_IN_ROW);
    for (let i = from; i < to; i += 2) if (doubles[i] === hash) return doubles[i + 1]!;
    return seen <= SEEN_IN_ROW ? NEVER : (this.#extras!.moreSeen!.get(hash) ?? NEVER);
  }

  /** An event id that was not seen before. */
  see(hash: number, offset: number): void {
    const { doubles, halves } = this.#slab;
    const seen = halves[this.#at * 2 + SEEN_32]!++;
    if (seen < SEEN_IN_ROW) {
      const pair = this.#at + PAIRS + 2 * seen;
      doubles[pair] = hash;
      doubles[pair + 1] = offset;
    } else (this.#makeExtras().moreSeen ??= new Map()).set(hash, offset);
  }

  /** Writes each event id's hash (0) or offset (1), in the order in which they were seen. */
  writeSeen(column: 0 | 1, to: Pick<Columns, "i64">): void {
    const { doubles } = this.#slab;
    const from = this.#at + PAIRS + column;
    const end = this.#at + PAIRS + 2 * Math.min(this.seen, SEEN_IN_ROW);
    for (let i = from; i < end; i += 2) to.i64(doubles[i]!);
    if (this.seen <= SEEN_IN_ROW) return;
    const more = this.#extras!.moreSeen!;
    for (const value of column === 0 ? more.keys() : more.values()) to.i64(value);
  }

  writeId(to: Pick<Columns, "range" | "string">): void {
    const { halves, bytes } = this.#slab;
    const length = halves[this.#at * 2 + KIND_LENGTH_32]! >> 2;
    const at = this.#at * 8 + ID_8;
    if (length > ID_BYTES) to.string(this.#extras!.id!);
    else to.range(bytes, at, at + length);
  }
}

const kindAndLength = (kind: SessionKind, length: number): number => (length << 2) | kindNumber(kind);

const EMPTY = -1;
const GONE = -2;

export class Sessions {
  readonly cuts = new Cuts();
  readonly #slabs: Slab[] = [];
  /** By slot. */
  readonly #extras: (Extras | null)[] = [];
  readonly #free: number[] = [];
  /** Slots by hash, open addressing with linear probing; its length is a power of two. */
  #index = new Int32Array(1 << 12).fill(EMPTY);
  /** Entries of the index that are not EMPTY. */
  #filled = 0;
  #size = 0;
  readonly #unbornSlab = new Slab(1);
  readonly #found = new Session(this, this.#unbornSlab);
  readonly #unborn = new Session(this, this.#unbornSlab);
  readonly #walker = new Session(this, this.#unbornSlab);

  get size(): number {
    return this.#size;
  }

  extrasOf(slot: number): Extras | null {
    return this.#extras[slot]!;
  }

  makeExtrasOf(slot: number): Extras {
    return (this.#extras[slot] ??= new Extras());
  }

  /** A cursor that stays where it is until the next `find`; null: it is not live. */
  find(wanted: Wanted): Session | null {
    const index = this.#index;
    const mask = index.length - 1;
    for (let i = wanted.hash & mask; ; i = (i + 1) & mask) {
      const slot = index[i]!;
      if (slot === EMPTY) return null;
      if (slot !== GONE && this.#found.moveTo(slot, this.#slabs[slot >> SLAB_BITS]!).is(wanted)) return this.#found;
    }
  }

  /** A session that no record has touched, beside the live ones until it is added; good until the next `begin`. */
  begin(wanted: Wanted, cut: Cut, people: People): Session {
    return this.#unborn.begin(this.#unbornSlab, wanted, cut, people);
  }

  /** Makes a new session live. */
  add(session: Session): void {
    const { cut } = session;
    const slot = this.#free.pop() ?? this.#extras.length;
    if (slot >> SLAB_BITS === this.#slabs.length) this.#slabs.push(new Slab(SLAB_ROWS));
    this.#extras[slot] = session.settle(slot, this.#slabs[slot >> SLAB_BITS]!);
    this.cuts.use(cut);
    this.#size++;
    if (2 * (this.#filled + 1) > this.#index.length) this.#rebuild();
    else this.#enter(slot, session.hash);
  }

  delete(slot: number): void {
    const mask = this.#index.length - 1;
    const session = this.at(slot);
    let i = session.hash & mask;
    while (this.#index[i] !== slot) i = (i + 1) & mask;
    this.#index[i] = GONE;
    this.cuts.release(session.cut);
    this.#slabs[slot >> SLAB_BITS]!.doubles[rowOf(slot) + STARTED] = NaN;
    this.#extras[slot] = null;
    this.#free.push(slot);
    this.#size--;
  }

  /** A cursor on a live session; good until the next `at`, `add` or `delete`. */
  at(slot: number): Session {
    return this.#walker.moveTo(slot, this.#slabs[slot >> SLAB_BITS]!);
  }

  /** The slots of the live sessions; deleting one on the way is fine. */
  *slots(): Generator<number> {
    for (let slot = 0; slot < this.#extras.length; slot++)
      if (!Number.isNaN(this.#slabs[slot >> SLAB_BITS]!.doubles[rowOf(slot) + STARTED]!)) yield slot;
  }

  #enter(slot: number, hash: number): void {
    const mask = this.#index.length - 1;
    let i = hash & mask;
    while (this.#index[i]! >= 0) i = (i + 1) & mask;
    if (this.#index[i] === EMPTY) this.#filled++;
    this.#index[i] = slot;
  }

  /** Without the entries that are gone, and at most a quarter full. */
  #rebuild(): void {
    let length = 1 << 12;
    while (length < 4 * this.#size) length *= 2;
    this.#index = new Int32Array(length).fill(EMPTY);
    this.#filled = 0;
    for (const slot of this.slots()) this.#enter(slot, this.at(slot).hash);
  }
}
