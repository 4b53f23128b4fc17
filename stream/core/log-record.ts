/** A record as it lies in one partition of the log. */
export interface LogRecord {
  readonly offset: number;
  /** LogAppendTime, ms: when Kafka got it. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}
