// One pass over the bytes of an event that picks out what the fold needs of it, and makes no object for it: several times
// cheaper than decoding every field. It follows the schemas themselves: a type whose fields are all plain is scanned, another
// (an order with its lines) is decoded. What looks unusual in any way is left to the decoder, which knows the reason.
//
//   C3 01 fingerprint │ event_id  occurred_at  store  session_id  session_started_at │ visitor_id … user_agent │ test  …
//                       hash      number       range  range+hash  number               passed over             boolean
import { FINGERPRINTS } from "../../producers/contract/codec.ts";
import { EVENT_TYPES, type Common, type EventType } from "../../producers/contract/events.ts";
import { loadSchema } from "../../producers/contract/schemas.ts";
import { LONGEST_WORD } from "../../producers/contract/usable.ts";
import { ERRANDS, type Errand } from "./errand.ts";
import { hash32, hash53 } from "./hash.ts";
import { People } from "./people.ts";

const HEADER_BYTES = 10;

// How a field lies on the wire.
const STRING = 0;
const NUMBER = 1;
const BOOLEAN = 2;
const NULLABLE = 4;
const FORMS: Readonly<Record<string, number>> = {
  '"string"': STRING,
  '["null","string"]': STRING | NULLABLE,
  '"long"': NUMBER,
  '"int"': NUMBER,
  '["null","long"]': NUMBER | NULLABLE,
  '["null","int"]': NUMBER | NULLABLE,
  '"boolean"': BOOLEAN,
};

// What a field is to the fold; all others are passed over. From PROFILE_BEGINS on, its place is noted.
const EVENT_ID = 1;
const OCCURRED_AT = 2;
const STORE = 3;
const SESSION_ID = 4;
const STARTED_AT = 5;
const CATEGORY = 6;
const PROFILE_BEGINS = 7;
const WORDS_BEGIN = 8;
const TEST = 9;
const SLOTS: Readonly<Record<string, number>> = {
  event_id: EVENT_ID,
  occurred_at: OCCURRED_AT,
  store: STORE,
  session_id: SESSION_ID,
  session_started_at: STARTED_AT,
  category: CATEGORY,
  visitor_id: PROFILE_BEGINS,
  channel: WORDS_BEGIN,
  test: TEST,
};

/** The fields that make a session's profile, in their order on the wire. */
const PROFILE = [
  "visitor_id",
  "customer_id",
  "channel",
  "campaign",
  "country",
  "region",
  "device",
  "segment",
  "user_agent",
] as const satisfies readonly (keyof Common)[];
const PROFILE_NULLABLE = [true, true, false, true, false, true, false, true, true];
/** Of those, the first that a session is cut by; before it come the ids of its people. */
const FIRST_WORD = PROFILE.indexOf("channel");

interface Plan {
  readonly type: EventType;
  readonly errand: Errand;
  /** The second half of the fingerprint; the first finds the plan. */
  readonly rest: number;
  readonly forms: Uint8Array;
  readonly slots: Uint8Array;
}

/** null: a type that has to be decoded whole, as it is about an order or has fields that are not plain. */
function planOf(type: EventType): Plan | null {
  const { fields } = loadSchema(type) as { fields: { name: string; type: unknown }[] };
  const names = fields.map(({ name }) => name);
  const forms = fields.map((field) => FORMS[JSON.stringify(field.type)] ?? -1);
  if (names.includes("placed_at") || forms.includes(-1)) return null;
  const profile = names.indexOf("visitor_id");
  PROFILE.forEach((name, index) => {
    if (
      names[profile + index] !== name ||
      names[profile + PROFILE.length] !== "test" ||
      forms[profile + index]! >= NULLABLE !== PROFILE_NULLABLE[index]
    )
      throw new Error(
        `${type}.avsc: the profile's fields are expected together, in the order ${PROFILE.join(", ")}, test`,
      );
  });
  const slots = names.map((name) => SLOTS[name] ?? 0);
  const rest = Buffer.from(FINGERPRINTS[type], "hex").readInt32LE(4);
  return { type, errand: ERRANDS[type], rest, forms: Uint8Array.from(forms), slots: Uint8Array.from(slots) };
}

const PLANS = new Map(
  EVENT_TYPES.flatMap((type) => {
    const plan = planOf(type);
    return plan ? [[Buffer.from(FINGERPRINTS[type], "hex").readInt32LE(0), plan] as const] : [];
  }),
);

/** What was found; overwritten by the next scan. Ranges are positions in the scanned bytes; a start of −1 is null. */
export class Scan {
  type: EventType = "session_started";
  errand: Errand = "fold";
  eventHash = 0;
  eventIdAt = 0;
  eventIdEnd = 0;
  occurredAt = 0;
  storeAt = 0;
  storeEnd = 0;
  sessionAt = -1;
  sessionEnd = -1;
  sessionHash = 0;
  /** NaN: null. */
  startedAt = NaN;
  /** The fields that make a session's profile: the ids of its people, then the words that it is cut by, then `test`. */
  profileAt = 0;
  wordsAt = 0;
  wordsEnd = 0;
  test = false;
  categoryAt = -1;
  categoryEnd = -1;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;

  /** False: not read; ask the decoder, who says why not. */
  read(bytes: Buffer, at: number, end: number): boolean {
    if (end - at < HEADER_BYTES || bytes[at] !== 0xc3 || bytes[at + 1] !== 1) return false;
    const plan = PLANS.get(int32(bytes, at + 2));
    if (plan === undefined || plan.rest !== int32(bytes, at + 6)) return false;
    this.type = plan.type;
    this.errand = plan.errand;
    this.categoryAt = -1;
    this.#bytes = bytes;
    this.#at = at + HEADER_BYTES;
    this.#end = end;
    const { slots, forms } = plan;
    for (let i = 0; i < forms.length; i++) if (!this.#field(slots[i]!, forms[i]!)) return false;
    return this.#at === end;
  }

  #field(slot: number, form: number): boolean {
    if (slot >= PROFILE_BEGINS) this.#mark(slot);
    let present = true;
    if (form >= NULLABLE) {
      const branch = this.#bytes[this.#at++]!;
      if (branch !== 0 && branch !== 2) return false; // neither null nor the value: the decoder knows
      present = branch === 2;
    }
    switch (form & ~NULLABLE) {
      case STRING:
        return this.#string(slot, present);
      case NUMBER: {
        const value = present ? this.#number() : NaN;
        if (slot === OCCURRED_AT) this.occurredAt = value;
        else if (slot === STARTED_AT) this.startedAt = value;
        return !present || value === value; // NaN where a number had to be: too long for us
      }
      default: {
        const value = this.#bytes[this.#at++]!;
        if (slot === TEST) this.test = value === 1;
        return value <= 1;
      }
    }
  }

  #mark(slot: number): void {
    if (slot === PROFILE_BEGINS) this.profileAt = this.#at;
    else if (slot === WORDS_BEGIN) this.wordsAt = this.#at;
    else if (slot === TEST) this.wordsEnd = this.#at;
  }

  #string(slot: number, present: boolean): boolean {
    const length = present ? this.#length() : 0;
    const at = this.#at;
    if (length < 0 || length > LONGEST_WORD || at + length > this.#end) return false;
    this.#at += length;
    if ((slot === EVENT_ID || slot === SESSION_ID) && !isAscii(this.#bytes, at, this.#at)) return false;
    if (slot === EVENT_ID) this.#eventId(at);
    else if (slot === STORE) {
      this.storeAt = at;
      this.storeEnd = this.#at;
    } else if (slot === SESSION_ID) this.#sessionId(present ? at : -1);
    else if (slot === CATEGORY && present) {
      this.categoryAt = at;
      this.categoryEnd = this.#at;
    }
    return true;
  }

  #eventId(at: number): void {
    this.eventIdAt = at;
    this.eventIdEnd = this.#at;
    this.eventHash = hash53(this.#bytes, at, this.#at);
  }

  #sessionId(at: number): void {
    this.sessionAt = at;
    this.sessionEnd = this.#at;
    this.sessionHash = at === -1 ? 0 : hash32(this.#bytes, at, this.#at);
  }

  /** A string's length; −1: longer than two bytes can say, or negative. */
  #length(): number {
    const low = this.#bytes[this.#at++]!;
    if (low < 0x80) return (low & 1) === 0 ? low >> 1 : -1;
    const high = this.#bytes[this.#at++]!;
    return high < 0x80 && (low & 1) === 0 ? ((high << 7) | (low & 0x7f)) >> 1 : -1;
  }

  /** A long of up to 7 bytes, 2⁴⁸ in either direction; NaN: a longer one. */
  #number(): number {
    let sum = 0;
    let weight = 1;
    for (let i = 0; i < 7; i++) {
      const byte = this.#bytes[this.#at++]!;
      sum += (byte & 0x7f) * weight;
      if (byte < 0x80) return sum % 2 === 0 ? sum / 2 : -(sum + 1) / 2;
      weight *= 128;
    }
    return NaN;
  }
}

/** An id of other bytes may be damaged UTF-8, of which only the decoder knows what it becomes. */
function isAscii(bytes: Buffer, at: number, end: number): boolean {
  for (let i = at; i < end; i++) if (bytes[i]! >= 0x80) return false;
  return true;
}

const int32 = (bytes: Buffer, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);

/** The fields that make a session's profile, as strings; the bytes have been scanned before. */
export type ProfileFields = Pick<Common, (typeof PROFILE)[number]>;
export type Words = Omit<ProfileFields, "visitor_id" | "customer_id">;

/** The ids of a session's people, from where they begin. */
export function peopleIn(bytes: Buffer, profileAt: number): People {
  const visitorAt = profileAt + lengthBytes(bytes, profileAt);
  const visitorEnd = visitorAt + lengthIn(bytes, profileAt);
  const customerAt = visitorEnd + lengthBytes(bytes, visitorEnd);
  const customerEnd = customerAt + lengthIn(bytes, visitorEnd);
  const people = new People(bytes, visitorAt, visitorEnd, customerAt, customerEnd);
  // other bytes may be damaged UTF-8: then what it reads as is what is kept
  return isAscii(bytes, profileAt, customerEnd) ? people : People.of(people.visitor, people.customer);
}

/** Bytes before a nullable string's own: its branch and, where it is not null, its length. */
const lengthBytes = (bytes: Buffer, at: number): number => (bytes[at] === 0 ? 1 : bytes[at + 1]! < 0x80 ? 2 : 3);

/** Bytes of a nullable string; 0: null. */
function lengthIn(bytes: Buffer, at: number): number {
  if (bytes[at] === 0) return 0;
  const low = bytes[at + 1]!;
  return (low < 0x80 ? low : (low & 0x7f) | (bytes[at + 2]! << 7)) >> 1;
}

/** The words that a session is cut by, from where they begin. */
export const wordsIn = (bytes: Buffer, wordsAt: number): Words => fieldsOf(bytes, wordsAt, FIRST_WORD, PROFILE.length);

function fieldsOf(bytes: Buffer, from: number, first: number, last: number): ProfileFields {
  const fields: Partial<Record<keyof ProfileFields, string | null>> = {};
  let at = from;
  for (let i = first; i < last; i++) {
    const name = PROFILE[i]!;
    if (PROFILE_NULLABLE[i] && bytes[at++] === 0) {
      fields[name] = null;
      continue;
    }
    let length = bytes[at++]!;
    if (length >= 0x80) length = (length & 0x7f) | (bytes[at++]! << 7);
    fields[name] = bytes.toString("utf8", at, at + (length >> 1));
    at += length >> 1;
  }
  return fields as ProfileFields;
}
