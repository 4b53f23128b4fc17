// An export, row by row, into the events it stands for: read → group → events, with every line accounted for.
import type { ShopEvent } from "../../contract/events.ts";
import { Accounting } from "./accounting.ts";
import { Grouping, type Group } from "./grouping.ts";
import { eventsOf, type Naming } from "./line-events.ts";
import type { Mapping } from "./mapping.ts";
import { lineReader, type ReadLine, type Rejection, type Row } from "./order-line.ts";

/** What one row led to: events of groups that are complete now, or its rejection. */
export interface Step {
  readonly events: readonly ShopEvent[];
  readonly rejection: Rejection | null;
}

/**
 * The same rows give the same events in the same order. So a run that was cut off goes on by reading again from the start
 * and leaving out as many events as were acknowledged; that costs a second, and nothing needs to be remembered but a number.
 */
export class ExportEvents {
  readonly accounting = new Accounting();
  readonly #read: (row: Row) => ReadLine;
  readonly #grouping = new Grouping();
  readonly #naming: Naming;

  constructor(mapping: Mapping, naming: Omit<Naming, "currency">) {
    this.#read = lineReader(mapping);
    this.#naming = { ...naming, currency: mapping.currency };
  }

  /** null: a row that the CSV reader could not make out. */
  row(row: Row | null): Step {
    const read: ReadLine = row === null ? { ok: false, reason: "row-unreadable" } : this.#read(row);
    if (!read.ok) {
      this.accounting.reject(read.reason);
      return { events: [], rejection: read.reason };
    }
    this.accounting.use(read.line.kind);
    return { events: this.#make(this.#grouping.add(read.line)), rejection: null };
  }

  end(): readonly ShopEvent[] {
    return this.#make(this.#grouping.end());
  }

  #make(groups: readonly Group[]): ShopEvent[] {
    return groups.flatMap((group) => {
      const events = eventsOf(group, this.#naming);
      this.accounting.events[group.lines[0]!.kind] += events.length;
      return events;
    });
  }
}
