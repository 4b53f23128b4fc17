// The status page's answer. What comes from storage is read at most once in a few seconds, however many pages ask.
import type { Doubles, PartitionStatus, Status } from "../contract/status.ts";
import type { Model } from "../core/model.ts";
import { partitionStatus, type StoredPosition } from "../core/status.ts";
import type { Storage } from "./storage.ts";

export interface StatusParts {
  readonly model: Model;
  readonly storage: Storage;
  readonly home: string;
  readonly build: string;
  readonly now: () => number;
  readonly screens: () => number;
  readonly doubles: () => Doubles | null;
}

const KEPT_MS = 3000;

export class StatusReader {
  readonly #parts: StatusParts;
  #positions: readonly StoredPosition[] = [];
  #stored: { at: number; answer: Promise<Status["deadLetters"]> } | null = null;

  constructor(parts: StatusParts) {
    this.#parts = parts;
  }

  partitions(): PartitionStatus[] {
    const { model, home, now } = this.#parts;
    const stored = new Map(this.#positions.map((row) => [`${row.source}\n${row.partition}`, row]));
    return model.partitions.flatMap((partition) => {
      const position = stored.get(`${partition.source}\n${partition.partition}`) ?? null;
      return partitionStatus(partition, position, home, now()) ?? [];
    });
  }

  async read(): Promise<Status> {
    const { build, now, screens, storage, doubles } = this.#parts;
    const deadLetters = await this.#readStored();
    const partitions = this.partitions();
    return {
      serverNow: now(),
      build,
      partitions,
      deadLetters,
      doubles: doubles(),
      storageUp: storage.up,
      screens: screens(),
    };
  }

  #readStored(): Promise<Status["deadLetters"]> {
    const { now } = this.#parts;
    if (this.#stored === null || now() - this.#stored.at > KEPT_MS)
      this.#stored = { at: now(), answer: this.#askStorage().catch(() => null) };
    return this.#stored.answer;
  }

  async #askStorage(): Promise<Status["deadLetters"]> {
    const { storage } = this.#parts;
    this.#positions = await storage.positions();
    return storage.deadLetters();
  }
}
