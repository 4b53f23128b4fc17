// Where every line went: read = in orders + in refunds + in stock changes + rejected.
import type { LineKind, Rejection } from "./order-line.ts";

const EVENT_OF = { order: "order_placed", refund: "order_refunded", stock: "stock_changed" } as const satisfies Record<
  LineKind,
  string
>;

export class Accounting {
  lines = 0;
  readonly used: Record<LineKind, number> = { order: 0, refund: 0, stock: 0 };
  readonly events: Record<LineKind, number> = { order: 0, refund: 0, stock: 0 };
  readonly rejected = new Map<Rejection, number>();

  reject(reason: Rejection): void {
    this.lines++;
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1);
  }

  use(kind: LineKind): void {
    this.lines++;
    this.used[kind]++;
  }

  /** Rows of a table: what, lines, events. The last one is the sum, and says so if it does not come out. */
  rows(): [string, number, number][] {
    const kinds = Object.keys(EVENT_OF) as LineKind[];
    const made = kinds.map((kind): [string, number, number] => [EVENT_OF[kind], this.used[kind], this.events[kind]]);
    const lost = [...this.rejected].map(([reason, count]): [string, number, number] => [
      `rejected: ${reason}`,
      count,
      0,
    ]);
    const rows = [...made, ...lost];
    const sum = (at: 1 | 2): number => rows.reduce((total, row) => total + row[at], 0);
    const difference = this.lines - sum(1);
    return [...rows, [difference === 0 ? "all lines" : `all lines (${difference} unaccounted)`, this.lines, sum(2)]];
  }
}
