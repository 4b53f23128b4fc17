/**
 * A record as it lies in one partition of the log. Key and value are ranges of the bytes that Kafka sent, so that reading a
 * record copies nothing; a range that starts at −1 is null.
 */
export class LogRecord {
  readonly offset: number;
  /** LogAppendTime, ms: when Kafka got it. */
  readonly timestamp: number;
  readonly bytes: Buffer;
  readonly keyAt: number;
  readonly keyEnd: number;
  readonly valueAt: number;
  readonly valueEnd: number;

  constructor(
    offset: number,
    timestamp: number,
    bytes: Buffer,
    keyAt: number,
    keyEnd: number,
    valueAt: number,
    valueEnd: number,
  ) {
    this.offset = offset;
    this.timestamp = timestamp;
    this.bytes = bytes;
    this.keyAt = keyAt;
    this.keyEnd = keyEnd;
    this.valueAt = valueAt;
    this.valueEnd = valueEnd;
  }

  /** A record of which key and value are at hand as buffers of their own. */
  static of(offset: number, timestamp: number, key: Buffer | null, value: Buffer | null): LogRecord {
    const bytes = key === null ? (value ?? NO_BYTES) : Buffer.concat(value === null ? [key] : [key, value]);
    const keyEnd = key?.length ?? 0;
    return new LogRecord(
      offset,
      timestamp,
      bytes,
      key === null ? -1 : 0,
      keyEnd,
      value === null ? -1 : keyEnd,
      keyEnd + (value?.length ?? 0),
    );
  }

  get key(): Buffer | null {
    return this.keyAt === -1 ? null : this.bytes.subarray(this.keyAt, this.keyEnd);
  }

  get value(): Buffer | null {
    return this.valueAt === -1 ? null : this.bytes.subarray(this.valueAt, this.valueEnd);
  }

  /** Bytes of the value. */
  get size(): number {
    return this.valueAt === -1 ? 0 : this.valueEnd - this.valueAt;
  }
}

const NO_BYTES = Buffer.alloc(0);
