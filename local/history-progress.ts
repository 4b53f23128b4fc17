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
  #told = 0;
  readonly #interactive = process.stdout.isTTY;

  take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const progress = progressOf(line);
      if (progress && progress.total > 0) this.#show(progress); // 0: the past is written already
      else this.end();
    }
  }

  end(): void {
    this.#bar?.stop();
    this.#bar = null;
  }

  #show({ done, total, perSecond, secondsLeft }: Progress): void {
    if (!this.#interactive) {
      if (Date.now() - this.#told < 5000) return;
      this.#told = Date.now();
      console.log(
        `  writing the shop's past: ${Math.round((100 * done) / total)} %, ${perSecond} events/s, ${secondsLeft ?? "?"} s left`,
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

function progressOf(line: string): Progress | null {
  try {
    return (JSON.parse(line) as { progress?: Progress }).progress ?? null;
  } catch {
    return null;
  }
}
