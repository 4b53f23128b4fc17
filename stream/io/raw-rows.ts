// Raw rows are written into a block when their record is folded: nothing of a record has to be kept until the next flush.
import { RowBinaryWriter } from "../../clickhouse/row-binary.ts";
import type { Verdict } from "../contract/accounting.ts";
import type { RawRows, RawSink } from "../core/partition-fold.ts";
import type { Read } from "../core/read.ts";
import type { Fault } from "../core/screen.ts";
import { encodeOrigin, writeRaw, type Origin } from "./tables.ts";

/** Raw rows are kept in pieces of this size, so that none has to be copied as it grows. */
const PIECE_BYTES = 1_000_000;

export interface RawPieces extends RawRows {
  readonly pieces: readonly Buffer[];
}

/** Which records get a raw row. */
export type RawEvents = "all" | "dead";

export class RawWriter implements RawSink {
  readonly #origin: Buffer;
  readonly #all: boolean;
  readonly #writer = new RowBinaryWriter(PIECE_BYTES + PIECE_BYTES / 16);
  #pieces: Buffer[] = [];
  #rows = 0;

  constructor(origin: Origin, which: RawEvents) {
    this.#origin = encodeOrigin(origin);
    this.#all = which === "all";
  }

  put(read: Read, verdict: Verdict, fault: Fault | null): void {
    if (!this.#all && fault === null) return;
    writeRaw(this.#writer, this.#origin, read, verdict, fault);
    this.#rows++;
    if (this.#writer.length >= PIECE_BYTES) this.#pieces.push(this.#writer.take());
  }

  take(): RawPieces {
    if (this.#writer.length > 0) this.#pieces.push(this.#writer.take());
    const taken = { rows: this.#rows, pieces: this.#pieces };
    this.#pieces = [];
    this.#rows = 0;
    return taken;
  }

  giveBack({ rows, pieces }: RawPieces): void {
    this.#pieces = [...pieces, ...this.#pieces];
    this.#rows += rows;
  }
}
