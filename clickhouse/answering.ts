/** Remembers whether the last request was answered: what waits for storage asks this first. */
export class Answering {
  up: boolean;

  constructor(up: boolean) {
    this.up = up;
  }

  async watch<T>(request: () => Promise<T>): Promise<T> {
    try {
      const answer = await request();
      this.up = true;
      return answer;
    } catch (error) {
      this.up = false;
      throw error;
    }
  }
}
