/** The ids of a session's visitor and customer, as ranges of UTF-8; an empty range: it has none. */
export class People {
  readonly bytes: Buffer;
  readonly visitorAt: number;
  readonly visitorEnd: number;
  readonly customerAt: number;
  readonly customerEnd: number;

  constructor(bytes: Buffer, visitorAt: number, visitorEnd: number, customerAt: number, customerEnd: number) {
    this.bytes = bytes;
    this.visitorAt = visitorAt;
    this.visitorEnd = visitorEnd;
    this.customerAt = customerAt;
    this.customerEnd = customerEnd;
  }

  static of(visitor: string, customer: string): People {
    const first = Buffer.from(visitor);
    const second = Buffer.from(customer);
    const bytes = Buffer.concat([first, second]);
    return new People(bytes, 0, first.length, first.length, bytes.length);
  }

  get visitor(): string {
    return this.bytes.toString("utf8", this.visitorAt, this.visitorEnd);
  }

  get customer(): string {
    return this.bytes.toString("utf8", this.customerAt, this.customerEnd);
  }
}
