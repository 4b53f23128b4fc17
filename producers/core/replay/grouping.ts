// Lines of one order, put together again. Exports write them one after another, nearly always.
//
// A group stays open until a number of lines have gone by without one of its own; lines that come later still are not lost:
// they make a further group of the same order, with a number.
import type { Line } from "./order-line.ts";

export interface Group {
  /** 1, and more for what came after the group was closed. */
  readonly part: number;
  /** At least one; all of one kind and one order id. */
  readonly lines: readonly Line[];
}

/** The one place in Online Retail where an invoice is interrupted has 2 lines in between. */
const LINES_OPEN = 500;
/** An event must stay well below 1 MB. */
const MOST_LINES = 4000;
/** Order ids remembered after their group was closed; memory is bounded by it. */
const IDS_REMEMBERED = 1_000_000;

interface Open {
  lines: Line[];
  lastSeen: number;
}

/** Takes the lines of a file in order; gives groups as they close. The same lines give the same groups. */
export class Grouping {
  /** In the order in which a line was last added. */
  readonly #open = new Map<string, Open>();
  readonly #parts = new Map<string, number>();
  #seen = 0;

  /** The groups that this line closes, oldest first. */
  add(line: Line): Group[] {
    this.#seen++;
    const key = `${line.kind} ${line.id}`;
    const group = this.#open.get(key) ?? { lines: [], lastSeen: 0 };
    group.lines.push(line);
    group.lastSeen = this.#seen;
    this.#open.delete(key);
    this.#open.set(key, group);
    const closed: Group[] = [];
    for (const [key, { lines, lastSeen }] of this.#open) {
      if (lastSeen > this.#seen - LINES_OPEN) break;
      closed.push(this.#close(key, lines));
    }
    if (group.lines.length >= MOST_LINES) closed.push(this.#close(key, group.lines));
    return closed;
  }

  /** At the end of the file: all that is still open. */
  end(): Group[] {
    return [...this.#open].map(([key, { lines }]) => this.#close(key, lines));
  }

  #close(key: string, lines: readonly Line[]): Group {
    this.#open.delete(key);
    const part = (this.#parts.get(key) ?? 0) + 1;
    this.#parts.delete(key);
    this.#parts.set(key, part);
    if (this.#parts.size > IDS_REMEMBERED) this.#parts.delete(this.#parts.keys().next().value!);
    return { part, lines };
  }
}
