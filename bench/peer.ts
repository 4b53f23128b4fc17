// Kafka Streams on the same topic, doing the same work (bench/peers/kafka-streams/README.md says what it does less).
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../local/paths.ts";
import type { Bench, Totals } from "./pipeline.ts";

const FOLDER = join(ROOT, "bench/peers/kafka-streams");
const run = promisify(execFile);

export interface PeerRun extends Totals {
  readonly records: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly maxRssMb: number;
}

/** Builds the peer where its jar is missing or older than its sources; Maven decides. */
export async function buildPeer(): Promise<void> {
  const goals = ["package", "dependency:copy-dependencies"];
  await run("mvn", ["-q", "-B", "-f", join(FOLDER, "pom.xml"), ...goals], { maxBuffer: 1 << 24 });
}

export async function runPeer(bench: Bench, topic: string, records: number, more: readonly string[]): Promise<PeerRun> {
  const jars = [join(FOLDER, "target/kafka-streams-peer-1.jar"), join(FOLDER, "target/jars/*")].join(":");
  const where = [
    "--brokers",
    bench.stack.broker.brokers,
    "--topic",
    topic,
    "--output",
    "bench.peer",
    "--records",
    String(records),
  ];
  const args = [
    "-Xmx4g",
    "-XX:+UseParallelGC",
    "-cp",
    jars,
    "tidemark.peer.Main",
    ...where,
    "--stores",
    "shop",
    ...more,
  ];
  const { stdout } = await run("java", args, { maxBuffer: 1 << 24 });
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as PeerRun;
}
