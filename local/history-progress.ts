// The simulator's progress with the shop's past, as a bar: it prints JSON lines, some of which say how far it is.
import cliProgress from "cli-progress";

interface Progress {
  readonly done: number;
  readonly total: number;
  readonly perSecond: number;
  readonly secondsLeft: number | null;
}

/** Takes a simulator's output piece by piece; shows a bar while there is progress to show. */
export class HistoryProgress {
  #rest = "";
  #bar: cliProgress.SingleBar | null = null;
  #shown = false;
  #told = 0;
  readonly #interactive = process.stdout.isTTY;

  take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const { progress, pastIsWritten } = read(line);
      if (progress && progress.total > 0) this.#show(progress); // 0: the past is written already
      else this.end();
      if (pastIsWritten && this.#shown)
        console.log("  the shop's past is written; the wall is live when it is folded\n");
    }
  }

  end(): void {
    this.#bar?.stop();
    this.#bar = null;
  }

  #show({ done, total, perSecond, secondsLeft }: Progress): void {
    this.#shown = true;
    if (!this.#interactive) {
      if (secondsLeft === null || Date.now() - this.#told < 5000) return;
      this.#told = Date.now();
      console.log(
        `  writing the shop's past: ${Math.round((100 * done) / total)} %, ${perSecond} events/s, ${secondsLeft} s left`,
      );
      return;
    }
    if (!this.#bar) {
      const format = "  writing the shop's past {bar} {percentage} % | {perSecond} events/s | {left} s left";
      this.#bar = new cliProgress.SingleBar(
        { format, hideCursor: true, barsize: 30 },
        cliProgress.Presets.shades_classic,
      );
      this.#bar.start(total, done, { perSecond, left: secondsLeft ?? "?" });
    }
    this.#bar.setTotal(total);
    this.#bar.update(done, { perSecond, left: secondsLeft ?? "?" });
  }
}

/** What we need of one of its lines. */
interface Line {
  readonly progress?: Progress;
  readonly pastIsWritten?: true;
}

function read(line: string): Line {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return {};
  }
}
