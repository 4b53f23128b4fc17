// Rows in ClickHouse's RowBinary format: little-endian numbers, strings and arrays after a varint length.
// Source: ClickHouse documentation, "RowBinary". About half the cost of JSONCompactEachRow, in the engine and here.

export class RowBinaryWriter {
  #buffer = Buffer.allocUnsafe(1 << 16);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  /** The bytes so far, as a buffer of their own; the writer starts anew. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
    return bytes;
  }

  #room(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, at + bytes));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    this.#at = at + bytes;
    return at;
  }

  bool(value: boolean): void {
    const at = this.#room(1); // before #buffer is read: making room may replace it
    this.#buffer[at] = value ? 1 : 0;
  }

  u16(value: number): void {
    const at = this.#room(2);
    this.#buffer.writeUInt16LE(value, at);
  }

  u32(value: number): void {
    const at = this.#room(4);
    this.#buffer.writeUInt32LE(value, at);
  }

  i32(value: number): void {
    const at = this.#room(4);
    this.#buffer.writeInt32LE(value, at);
  }

  /** A safe integer, UInt64 or Int64. */
  i64(value: number): void {
    const at = this.#room(8);
    const high = Math.floor(value / 4294967296);
    this.#buffer.writeUInt32LE(value - high * 4294967296, at);
    this.#buffer.writeInt32LE(high, at + 4);
  }

  f64(value: number): void {
    const at = this.#room(8);
    this.#buffer.writeDoubleLE(value, at);
  }

  /** A length: LEB128. */
  varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      const at = this.#room(1);
      this.#buffer[at] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    const at = this.#room(1);
    this.#buffer[at] = rest;
  }

  string(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.varint(bytes);
    const at = this.#room(bytes);
    this.#buffer.write(value, at, bytes, "utf8");
  }

  bytes(value: Buffer): void {
    this.varint(value.length);
    const at = this.#room(value.length);
    value.copy(this.#buffer, at);
  }

  /** null is a set flag and no value. */
  nullable(value: number | null, write: (value: number) => void): void {
    this.bool(value === null);
    if (value !== null) write(value);
  }

  array<T>(values: readonly T[], write: (value: T) => void): void {
    this.varint(values.length);
    for (const value of values) write(value);
  }
}
