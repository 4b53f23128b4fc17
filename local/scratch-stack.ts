// A broker and an engine for as long as something runs, in a temporary folder that goes when it ends or its process does.
import { mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { startBroker, type Broker } from "./broker.ts";
import { startEngine, type Engine } from "./engine.ts";

type Say = (line: string) => void;

export class ScratchStack {
  /** For the logs of whatever else belongs to the run. */
  readonly folder: string;
  readonly #say: Say;
  readonly #leaving = new Set<string>();
  readonly #leave = (): void => {
    for (const path of this.#leaving) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  };
  #broker: Broker | null = null;
  #engine: Engine | null = null;

  private constructor(name: string, say: Say) {
    this.#say = say;
    this.folder = mkdtempSync(join(tmpdir(), `tidemark-${name}-`));
    this.goesToo(this.folder);
    process.on("exit", this.#leave);
  }

  /** `name` begins the folder's. */
  static async open(name: string, say: Say): Promise<ScratchStack> {
    const stack = new ScratchStack(name, say);
    await Promise.all([stack.startBroker(), stack.startEngine()]);
    return stack;
  }

  get broker(): Broker {
    return this.#broker!;
  }

  get engine(): Engine {
    return this.#engine!;
  }

  /** A name that no other stack has. */
  get name(): string {
    return basename(this.folder);
  }

  /** Starts the broker, or starts it again, where it was and on what it has. */
  async startBroker(): Promise<void> {
    const [dataDir, log] = [join(this.folder, "kafka"), join(this.folder, "kafka.log")];
    const before = this.#broker?.brokers;
    const port = before?.split(":")[1];
    this.#broker = await startBroker({ dataDir, log, say: this.#say, ...(port && { port: Number(port) }) });
    if (this.#broker.brokers !== (before ?? this.#broker.brokers))
      throw new Error("the broker's port was taken meanwhile");
  }

  /** Starts the engine, or starts it again, where it was and on what it has. */
  async startEngine(): Promise<void> {
    const [dataDir, log] = [join(this.folder, "clickhouse"), join(this.folder, "clickhouse.log")];
    const before = this.#engine?.url;
    this.#engine = await startEngine({ dataDir, log, ...(before && { port: Number(new URL(before).port) }) });
    if (this.#engine.url !== (before ?? this.#engine.url)) throw new Error("the engine's port was taken meanwhile");
  }

  /** A file or folder elsewhere that is to go with this one's. */
  goesToo(path: string): void {
    this.#leaving.add(path);
  }

  /** `keep`: the folder stays, for somebody to look at. */
  async close({ keep = false } = {}): Promise<void> {
    await Promise.all([this.#broker?.stop(), this.#engine?.stop()]);
    process.off("exit", this.#leave);
    if (keep) this.#leaving.delete(this.folder);
    await Promise.all([...this.#leaving].map((path) => rm(path, { recursive: true, force: true })));
  }
}

/** For a command's first lines: when it is interrupted, what it has started and stored goes with it. */
export function leaveNothing(): void {
  for (const [signal, code] of [["SIGINT", 130] as const, ["SIGTERM", 143] as const])
    process.once(signal, () => process.exit(code));
}
