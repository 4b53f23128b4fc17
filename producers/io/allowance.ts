// How many events one address may send in a minute.
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

export class Allowance {
  readonly #limiter: RateLimiterMemory;
  readonly #perMinute: number;

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
    this.#limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  }

  /**
   * Takes so many events off an address's allowance. 0: they may pass; otherwise how long to wait, in s. Events beyond a whole
   * minute's allowance cost just that, or their batch could never pass.
   */
  async take(address: string, events: number): Promise<number> {
    try {
      await this.#limiter.consume(address, Math.min(events, this.#perMinute));
      return 0;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    }
  }
}
