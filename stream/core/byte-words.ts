import { hash32 } from "./hash.ts";

interface Known<T> {
  readonly bytes: Buffer;
  readonly meaning: T;
  readonly next: Known<T> | null;
}

/** Beyond so many words or bytes of them, all are forgotten, so that rubbish cannot fill memory. */
const MOST = 50_000;
const MOST_BYTES = 32 * 1024 * 1024;

/** What bytes mean, worked out once: for the words that come again and again, no string is made to look them up. */
export class ByteWords<T> {
  readonly #known = new Map<number, Known<T>>();
  #bytes = 0;
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
    this.#bytes += end - at;
    if (this.#known.size >= MOST || this.#bytes > MOST_BYTES) {
      this.#known.clear();
      this.#bytes = end - at;
    }
    this.#known.set(hash, { bytes: Buffer.from(bytes.subarray(at, end)), meaning, next: head });
    return meaning;
  }
}
