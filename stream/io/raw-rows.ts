// Raw rows are written into a block when their record is folded: nothing of a record has to be kept until the next flush.
import { RowBinaryWriter } from "../../clickhouse/row-binary.ts";
import type { Verdict } from "../contract/accounting.ts";
import type { RawRows, RawSink } from "../core/partition-fold.ts";
import type { Read } from "../core/read.ts";
import type { Fault } from "../core/screen.ts";
import { encodeOrigin, writeRaw, type Origin } from "./tables.ts";

/** Raw rows are kept in pieces of this size, so that none has to be copied as it grows. */
const PIECE_BYTES = 1_000_000;
/** An insert is cut here. Each becomes a part of its table, and the more parts there are, the more often they are merged. */
export const BLOCK_BYTES = 32_000_000;

export interface RawBlocks extends RawRows {
  readonly blocks: readonly Buffer[];
}

/** Which records get a raw row. */
export type RawEvents = "all" | "dead";

export class RawWriter implements RawSink {
  readonly #origin: Buffer;
  readonly #all: boolean;
  readonly #writer = new RowBinaryWriter(PIECE_BYTES + PIECE_BYTES / 16);
  #blocks: Buffer[] = [];
  #rows = 0;

  constructor(origin: Origin, which: RawEvents) {
    this.#origin = encodeOrigin(origin);
    this.#all = which === "all";
  }

  put(read: Read, verdict: Verdict, fault: Fault | null): void {
    if (!this.#all && fault === null) return;
    writeRaw(this.#writer, this.#origin, read, verdict, fault);
    this.#rows++;
    if (this.#writer.length >= PIECE_BYTES) this.#blocks.push(this.#writer.take());
  }

  take(): RawBlocks {
    if (this.#writer.length > 0) this.#blocks.push(this.#writer.take());
    const taken = { rows: this.#rows, blocks: this.#blocks };
    this.#blocks = [];
    this.#rows = 0;
    return taken;
  }

  giveBack({ rows, blocks }: RawBlocks): void {
    this.#blocks = [...blocks, ...this.#blocks];
    this.#rows += rows;
  }
}
