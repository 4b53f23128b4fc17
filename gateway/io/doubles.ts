// What counts twice, asked of storage once a minute whoever wants to know: the status page and /metrics read the last answer.
import type { Doubles } from "../contract/status.ts";
import type { Storage } from "./storage.ts";

const KEPT_MS = 60_000;
const RETRY_MS = 5000;

export class DoublesWatch {
  readonly #storage: Pick<Storage, "doubles">;
  #last: Doubles | null = null;
  #dueAt = -Infinity;

  constructor(storage: Pick<Storage, "doubles">) {
    this.#storage = storage;
  }

  /** null: storage has not answered, or did not the last time. */
  get last(): Doubles | null {
    return this.#last;
  }

  /** Call it often: it asks when it is time to, and never twice at once. Never throws. */
  async tick(now: number): Promise<void> {
    if (now < this.#dueAt) return;
    this.#dueAt = Infinity;
    this.#last = await this.#storage.doubles(now).catch(() => null);
    this.#dueAt = now + (this.#last === null ? RETRY_MS : KEPT_MS);
  }
}
