// The engine's connections. One takes one statement after the other, but side by side they do not wait for each other: a long
// SELECT holds up no insert, and not the SELECTs of others as long as a reader is free.
import type { Session } from "chdb";

/** Runs what it is given in order, on a connection of its own. */
class Lane {
  readonly #session: Session;
  #last: Promise<unknown> = Promise.resolve();
  waiting = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  run<T>(work: (session: Session) => Promise<T>): Promise<T> {
    this.waiting++;
    const result = this.#last.then(() => work(this.#session)).finally(() => this.waiting--);
    this.#last = result.catch(() => undefined);
    return result;
  }

  close(): void {
    this.#session.close();
  }
}

/** A connection at work holds a thread of Node's pool; engine.ts makes that pool larger than these and the writer's. */
const READERS = 4;

export class Lanes {
  readonly #writer: Lane;
  readonly #readers: readonly Lane[];

  /** `connect` opens one more connection to the same data. */
  constructor(connect: () => Session) {
    this.#writer = new Lane(connect());
    this.#readers = Array.from({ length: READERS }, () => new Lane(connect()));
  }

  /** For statements that change nothing. */
  read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const [first, ...others] = this.#readers;
    return others.reduce((best, lane) => (lane.waiting < best.waiting ? lane : best), first!).run(work);
  }

  /** For all others: one after the other. */
  write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#writer.run(work);
  }

  close(): void {
    for (const lane of [...this.#readers, this.#writer]) lane.close();
  }
}
