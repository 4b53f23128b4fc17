// What sessions are cut by. Few different cuts make many sessions, so that sessions of the same cut share one.
import { ByteWords } from "./byte-words.ts";
import { clean } from "./clean.ts";
import type { Series } from "./panes.ts";
import { wordsIn, type Words } from "./scan.ts";

export interface Profile {
  readonly store: string;
  readonly channel: string;
  readonly campaign: string;
  readonly country: string;
  readonly region: string;
  readonly device: string;
  readonly segment: string;
  readonly bot: boolean;
}

export class Cut implements Profile {
  /** Its place among the cuts in use. */
  readonly number: number;
  /** That of its store among the stores. */
  readonly storeNumber: number;
  readonly store: string;
  readonly channel: string;
  readonly campaign: string;
  readonly country: string;
  readonly region: string;
  readonly device: string;
  readonly segment: string;
  readonly bot: boolean;
  /** Live sessions of this cut. */
  users = 0;
  /** It is still the one that sessions of this cut get. */
  known = true;
  /** The series of panes that its events count into; made when first needed. */
  series: readonly Series[] | null = null;
  /** Its columns as storage writes them; made when first needed. */
  stored: Buffer | null = null;

  constructor(
    number: number,
    storeNumber: number,
    { store, channel, campaign, country, region, device, segment, bot }: Profile,
  ) {
    this.number = number;
    this.storeNumber = storeNumber;
    this.store = store;
    this.channel = channel;
    this.campaign = campaign;
    this.country = country;
    this.region = region;
    this.device = device;
    this.segment = segment;
    this.bot = bot;
  }
}

/** A cut that no session has used yet is forgotten when there are so many of them. */
const MOST_UNUSED = 10_000;

/** The words of one store's events, as their bytes lie on the wire, and the cut that they stand for. */
type WordsOnWire = ByteWords<{ readonly profile: Profile; cut: Cut | null }>;

export class Cuts {
  readonly #wires = new Map<string, WordsOnWire>();
  readonly #byText = new Map<string, Cut>();
  readonly #byNumber: (Cut | null)[] = [];
  readonly #free: number[] = [];
  #used = 0;
  readonly #stores: string[] = [];

  /** The store of this number. */
  storeAt(number: number): string {
    return this.#stores[number]!;
  }

  at(number: number): Cut {
    return this.#byNumber[number]!;
  }

  of(profile: Profile): Cut {
    const { store, channel, campaign, country, region, device, segment, bot } = profile;
    const text = [store, channel, campaign, country, region, device, segment, bot].join("\u0000");
    const known = this.#byText.get(text);
    if (known) return known;
    if (this.#byText.size > 2 * this.#used + MOST_UNUSED) this.#sweep();
    const number = this.#free.pop() ?? this.#byNumber.length;
    const cut = new Cut(number, this.#numberOf(store), profile);
    this.#byText.set(text, cut);
    this.#byNumber[number] = cut;
    return cut;
  }

  /** The cut of an event whose words are a range of bytes. */
  ofWords(store: string, bytes: Buffer, at: number, end: number): Cut {
    let wire = this.#wires.get(store);
    if (!wire) {
      wire = new ByteWords((from, start) => ({ profile: cleanProfile(store, wordsIn(from, start)), cut: null }));
      this.#wires.set(store, wire);
    }
    const words = wire.get(bytes, at, end);
    if (!words.cut?.known) words.cut = this.of(words.profile);
    return words.cut;
  }

  #numberOf(store: string): number {
    const known = this.#stores.indexOf(store);
    return known === -1 ? this.#stores.push(store) - 1 : known;
  }

  use(cut: Cut): void {
    if (cut.users++ === 0) this.#used++;
  }

  release(cut: Cut): void {
    if (--cut.users === 0) this.#used--;
  }

  /** Each cut finds its series anew when it next needs them. */
  forgetSeries(): void {
    for (const cut of this.#byNumber) if (cut) cut.series = null;
  }

  #sweep(): void {
    for (const [text, cut] of this.#byText) {
      if (cut.users > 0) continue;
      cut.known = false;
      this.#byText.delete(text);
      this.#byNumber[cut.number] = null;
      this.#free.push(cut.number);
    }
  }
}

/** The cleaned words of an event (docs/analytics.md, "Cleaning"). */
export const cleanProfile = (store: string, fields: Words): Profile => ({
  store,
  channel: clean.channel(fields.channel),
  campaign: fields.campaign ?? "",
  country: clean.country(fields.country),
  region: fields.region ?? "",
  device: clean.device(fields.device),
  segment: clean.segment(fields.segment),
  bot: clean.bot(fields.user_agent),
});
