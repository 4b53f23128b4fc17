// A record with all that can be said of it alone: what it is, whose it is, whether it can be used. A pure function of the record.
import type { EventDecoder } from "../../producers/contract/codec.ts";
import type { EventType, ShopEvent } from "../../producers/contract/events.ts";
import { EARLIEST, FUTURE_MS, LATEST } from "../../producers/contract/usable.ts";
import { ERRANDS, type Errand } from "./errand.ts";
import { hash32, hash53Of } from "./hash.ts";
import { LogRecord } from "./log-record.ts";
import { People } from "./people.ts";
import { peopleIn, Scan } from "./scan.ts";
import { screenEvent, screenSize, type Fault } from "./screen.ts";
import { rowHash, sessionKeyOf, type SessionKey, type SessionKind } from "./session.ts";
import type { Wanted } from "./sessions.ts";

/** A store that is known: figures of others are dead letters. */
export interface KnownStore {
  readonly id: string;
  /** Its reporting currency. */
  readonly currency: string;
}

const NO_BYTES = Buffer.alloc(0);
const NO_RECORD = new LogRecord(-1, 0, NO_BYTES, -1, -1, -1, -1);

export class Read implements Wanted {
  record = NO_RECORD;
  fault: Fault | null = null;
  /** The whole event, where it was decoded: one about an order, of another version, or unusual in some way. */
  event: ShopEvent | null = null;
  type: EventType | null = null;
  errand: Errand = "pass";
  test = false;
  store: KnownStore | null = null;
  eventHash = 0;
  occurredAt = 0;
  // The session; its id is UTF-8, mostly a range of the record's own bytes.
  kind: SessionKind = "session";
  startedAt = 0;
  hash = 0;
  idBytes: Buffer = NO_BYTES;
  idAt = 0;
  idEnd = 0;
  // Ranges of the record's bytes, where the event was not decoded.
  eventIdAt = -1;
  eventIdEnd = -1;
  profileAt = -1;
  wordsAt = -1;
  wordsEnd = -1;
  categoryAt = -1;
  categoryEnd = -1;

  get offset(): number {
    return this.record.offset;
  }

  get sessionKey(): SessionKey {
    return { kind: this.kind, id: this.idBytes.toString("utf8", this.idAt, this.idEnd), startedAt: this.startedAt };
  }

  /** The order's time for an event about one, else its own. */
  get placedAt(): number {
    return this.event !== null && "placed_at" in this.event ? this.event.placed_at : this.occurredAt;
  }

  get category(): string | null {
    if (this.event !== null) return "category" in this.event ? this.event.category : null;
    return this.categoryAt === -1 ? null : this.record.bytes.toString("utf8", this.categoryAt, this.categoryEnd);
  }

  /** Ids of the session's visitor and customer. */
  get people(): People {
    if (this.event === null) return peopleIn(this.record.bytes, this.profileAt);
    return People.of(this.event.visitor_id ?? "", this.event.customer_id ?? "");
  }
}

export class Reader {
  readonly #decoder: EventDecoder;
  readonly #stores: readonly KnownStore[];
  readonly #storeBytes: readonly Buffer[];
  readonly #ids: ReadonlySet<string>;
  readonly #scan = new Scan();

  /** `currencies` is the reporting currency of each known store. */
  constructor(decoder: EventDecoder, currencies: ReadonlyMap<string, string>) {
    this.#decoder = decoder;
    this.#stores = [...currencies].map(([id, currency]) => ({ id, currency }));
    this.#storeBytes = this.#stores.map(({ id }) => Buffer.from(id));
    this.#ids = new Set(currencies.keys());
  }

  read(record: LogRecord): Read {
    return this.readInto(new Read(), record);
  }

  /** Reads into an object that was used before and that nobody keeps. */
  readInto(read: Read, record: LogRecord): Read {
    read.record = record;
    read.fault = null;
    read.event = null;
    read.type = null;
    if (!this.#scanned(read)) this.#decode(read);
    return read;
  }

  /** The fast path: the bytes are read once and nothing about the event is unusual. False: it has to be decoded. */
  #scanned(read: Read): boolean {
    const { record } = read;
    const scan = this.#scan;
    if (record.valueAt === -1 || screenSize(record.size) !== null) return false;
    if (!scan.read(record.bytes, record.valueAt, record.valueEnd)) return false;
    const { occurredAt, startedAt } = scan;
    const latest = Math.min(LATEST, record.timestamp + FUTURE_MS);
    const usual =
      occurredAt >= EARLIEST &&
      occurredAt <= latest &&
      startedAt >= EARLIEST &&
      startedAt <= latest && // false for NaN
      scan.sessionEnd > scan.sessionAt &&
      scan.sessionAt !== -1 &&
      scan.eventIdEnd > scan.eventIdAt;
    if (!usual) return false;
    read.store = this.#storeAt(record.bytes, scan.storeAt, scan.storeEnd);
    if (read.store === null) return false;
    read.type = scan.type;
    read.kind = "session";
    read.errand = scan.errand;
    read.test = scan.test;
    read.eventHash = scan.eventHash;
    read.occurredAt = occurredAt;
    read.startedAt = startedAt;
    read.hash = rowHash(scan.sessionHash, "session", startedAt);
    read.idBytes = record.bytes;
    read.idAt = scan.sessionAt;
    read.idEnd = scan.sessionEnd;
    read.eventIdAt = scan.eventIdAt;
    read.eventIdEnd = scan.eventIdEnd;
    read.profileAt = scan.profileAt;
    read.wordsAt = scan.wordsAt;
    read.wordsEnd = scan.wordsEnd;
    read.categoryAt = scan.categoryAt;
    read.categoryEnd = scan.categoryEnd;
    return true;
  }

  #decode(read: Read): void {
    const { record } = read;
    read.fault = screenSize(record.size);
    if (read.fault !== null) return;
    const decoded = this.#decoder.decode(record.value);
    if (!decoded.ok) {
      read.fault = { reason: decoded.reason, detail: decoded.detail };
      return;
    }
    const { event } = decoded;
    read.event = event;
    read.type = event.type;
    read.fault = screenEvent(event, record.timestamp, this.#ids);
    if (read.fault !== null) return;
    read.errand = ERRANDS[event.type];
    read.test = event.test;
    read.occurredAt = event.occurred_at;
    read.store = this.#stores.find(({ id }) => id === event.store) ?? null; // an fx_fixed may name none
    if (read.errand !== "fold") return;
    const { kind, id, startedAt } = sessionKeyOf(event);
    read.kind = kind;
    read.startedAt = startedAt;
    read.idBytes = Buffer.from(id);
    read.idAt = 0;
    read.idEnd = read.idBytes.length;
    read.hash = rowHash(hash32(read.idBytes, 0, read.idEnd), kind, startedAt);
    read.eventHash = hash53Of(event.event_id);
  }

  #storeAt(bytes: Buffer, at: number, end: number): KnownStore | null {
    for (let s = 0; s < this.#storeBytes.length; s++) {
      const id = this.#storeBytes[s]!;
      if (id.length !== end - at) continue;
      let i = 0;
      while (i < id.length && id[i] === bytes[at + i]) i++;
      if (i === id.length) return this.#stores[s]!;
    }
    return null;
  }
}
