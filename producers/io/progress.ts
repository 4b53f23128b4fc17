// Long work shows how far it is: a bar for a person at a terminal, a log line a second for a program.
import { SingleBar } from "cli-progress";
import type { Logger } from "../../runtime/log.ts";

const EVERY_MS = 1000;

export interface Progress {
  /** Both in the unit of the work; cheap to call often. */
  update(done: number, total: number): void;
  /** Shows the last figures and lets go of the line. */
  end(): void;
}

/** What a log line carries. */
interface Figures {
  readonly done: number;
  readonly total: number;
  readonly perSecond: number;
  /** null while nothing can be said. */
  readonly secondsLeft: number | null;
}

export interface ProgressOptions {
  /** What is being done, e.g. "writing history". */
  readonly what: string;
  /** e.g. "events". */
  readonly unit: string;
  readonly log: Logger;
}

/** The first update says where the work starts from, so that what was done before does not count as speed. */
export function startProgress(options: ProgressOptions): Progress {
  const meter = new Meter();
  const show = process.stdout.isTTY ? barOf(options) : linesOf(options);
  let shownAt = -Infinity;
  return {
    update(done, total) {
      const now = performance.now();
      meter.at(now, done, total);
      if (now - shownAt < (process.stdout.isTTY ? 100 : EVERY_MS)) return;
      shownAt = now;
      show.figures(meter.figures());
    },
    end() {
      show.figures(meter.figures());
      show.end();
    },
  };
}

class Meter {
  #startedAt: number | null = null;
  #startedFrom = 0;
  #now = 0;
  #done = 0;
  #total = 0;

  at(now: number, done: number, total: number): void {
    if (this.#startedAt === null) {
      this.#startedAt = now;
      this.#startedFrom = done;
    }
    this.#now = now;
    this.#done = done;
    this.#total = Math.max(done, total);
  }

  figures(): Figures {
    const seconds = (this.#now - (this.#startedAt ?? this.#now)) / 1000;
    const perSecond = seconds > 0 ? (this.#done - this.#startedFrom) / seconds : 0;
    const left = perSecond > 0 ? (this.#total - this.#done) / perSecond : null;
    return {
      done: Math.round(this.#done),
      total: Math.round(this.#total),
      perSecond: Math.round(perSecond),
      secondsLeft: left === null ? null : Math.ceil(left),
    };
  }
}

interface Show {
  figures(figures: Figures): void;
  end(): void;
}

function barOf({ what, unit }: ProgressOptions): Show {
  const bar = new SingleBar({
    format: `${what} {bar} {percentage} % · {value}/{total} ${unit} · {perSecond}/s · {left} left`,
    hideCursor: true,
  });
  bar.start(1, 0, { perSecond: 0, left: "…" });
  return {
    figures({ done, total, perSecond, secondsLeft }) {
      bar.setTotal(Math.max(total, 1));
      bar.update(done, { perSecond, left: secondsLeft === null ? "…" : `${secondsLeft} s` });
    },
    end: () => bar.stop(),
  };
}

function linesOf({ what, unit, log }: ProgressOptions): Show {
  return {
    figures: (progress) => log.info({ progress }, `${what}: ${progress.done} of ${progress.total} ${unit}`),
    end: () => undefined,
  };
}
