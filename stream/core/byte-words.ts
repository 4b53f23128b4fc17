import { hash32 } from "./hash.ts";

interface Known<T> {
  readonly bytes: Buffer;
  readonly meaning: T;
  readonly next: Known<T> | null;
}

/** Beyond so many words, all are forgotten, so that rubbish cannot fill memory. */
const MOST = 50_000;

/** What bytes mean, worked out once: for the words that come again and again, no string is made to look them up. */
export class ByteWords<T> {
  readonly #known = new Map<number, Known<T>>();
  readonly #meaningOf: (bytes: Buffer, at: number, end: number) => T;

  constructor(meaningOf: (bytes: Buffer, at: number, end: number) => T) {
    this.#meaningOf = meaningOf;
  }

  get(bytes: Buffer, at: number, end: number): T {
    const hash = hash32(bytes, at, end);
    const head = this.#known.get(hash) ?? null;
    for (let word = head; word !== null; word = word.next)
      if (word.bytes.length === end - at && word.bytes.compare(bytes, at, end) === 0) return word.meaning;
    const meaning = this.#meaningOf(bytes, at, end);
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(hash, { bytes: Buffer.from(bytes.subarray(at, end)), meaning, next: head });
    return meaning;
  }
}
