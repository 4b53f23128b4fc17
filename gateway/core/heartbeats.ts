// The last word of every source partition: each publishes at least once a second, even where nothing changed.
import type { Flush } from "../../stream/contract/flush.ts";

/** A flush, its panes left out: they are kept elsewhere. */
export type Beat = Flush & { readonly panes: readonly [] };

/** A source partition that is known to exist, and its last word, if there was one. */
export interface Partition {
  readonly source: string;
  readonly partition: number;
  readonly beat: Beat | null;
}

/** A source beside the live one that said nothing for this long has ended and no longer counts. */
const ENDED_MS = 10 * 60_000;
/** One that was caught up, a finished replay, has ended as soon as it falls silent. */
const FINISHED_MS = 5000;

/** Has a source beside the live one ended, by this partition's last word? */
export function hasEnded(beat: Beat | null, now: number): boolean {
  if (beat === null) return true;
  const finished = beat.position >= beat.logEnd && beat.storedPosition >= beat.logEnd;
  return now - beat.publishedAt > (finished ? FINISHED_MS : ENDED_MS);
}

export class Heartbeats {
  readonly #home: string;
  readonly #partitions = new Map<string, Partition>();

  /** `home`: the configured live source. Its partitions never leave, so that its dead worker stays visible as stale. */
  constructor(home: string) {
    this.#home = home;
  }

  /** A partition exists, though it may not have been heard. */
  expect(source: string, partition: number): void {
    const key = `${source}\n${partition}`;
    if (!this.#partitions.has(key)) this.#partitions.set(key, { source, partition, beat: null });
  }

  hear(flush: Flush): void {
    const { source, partition, publishedAt } = flush;
    const key = `${source}\n${partition}`;
    const last = this.#partitions.get(key)?.beat;
    if (!last || publishedAt >= last.publishedAt)
      this.#partitions.set(key, { source, partition, beat: { ...flush, panes: [] } });
  }

  /** Every partition that is known, ended sources included, in order. */
  get all(): readonly Partition[] {
    return [...this.#partitions.values()].sort((a, b) => compare(a.source, b.source) || a.partition - b.partition);
  }

  /** The partitions that a store's figures rest on: the home source's, and those of sources that feed it and have not ended. */
  counting(feeds: (source: string) => boolean, now: number): readonly Partition[] {
    return this.all.filter(({ source, beat }) => source === this.#home || (!hasEnded(beat, now) && feeds(source)));
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
