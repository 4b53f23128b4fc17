// The process that sends what latencies are measured on.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../local/paths.ts";
import type { Workload } from "./workload.ts";

export interface SenderOptions {
  readonly brokers: string;
  readonly topic: string;
  readonly partitions: number;
  /** Its events fall due from `from` on, `perSecond`. */
  readonly load: Workload;
  /** Events that fall due before are not reported, ms. */
  readonly measuredFrom: number;
}

export interface SenderReport {
  /** ms from falling due to being acknowledged, one for each event. */
  readonly toKafka: readonly number[];
  /** From the first event on. */
  readonly cpuSeconds: number;
}

/** Cheap, and the same for whoever sends and whoever watches. */
export const partitionOf = (key: string, partitions: number): number =>
  (key.charCodeAt(key.length - 1) + key.charCodeAt(key.length - 2)) % partitions;

/** When an event falls due, ms; latencies count from there, whoever is late in sending it: a stall would hide those of others. */
export const dueAt = ({ from, perSecond }: Workload, index: number): number => from + (index * 1000) / perSecond;

/** Sends it all; resolves when everything is acknowledged. */
export async function send(options: SenderOptions, signal: AbortSignal): Promise<SenderReport> {
  const args = ["--max-semi-space-size=64", "--import", "tsx", join(ROOT, "bench/latency-sender-main.ts")];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, JSON.stringify(options)], {
    cwd: ROOT,
    maxBuffer: 1 << 28,
    signal,
  });
  return JSON.parse(stdout) as SenderReport;
}
