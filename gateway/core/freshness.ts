// Is what a wall shows true now, and up to when. Judged by what the partitions say of themselves, never by when messages arrive.
//
//   not heard for 5 s ──▶ stale        idle (position = log end): caught up, its watermark counts as now − 10 s
//   heard, lag > 5 s  ──▶ behind       lag: now − append time of the last folded record, while records wait
//   else              ──▶ live         nothing ever heard, for the first 5 s: starting
import type { Freshness } from "../contract/wall.ts";
import { isBehind } from "../../stream/contract/flush.ts";
import { LATENESS_MS } from "../../stream/contract/lateness.ts";
import type { Beat, Partition } from "./heartbeats.ts";
import { LONGEST_WINDOW_MS } from "./store-clock.ts";

const HEARD_WITHIN_MS = 5000;

export type PartitionState = "live" | "idle" | "behind" | "stale";

export function partitionState({ beat }: Partition, now: number): PartitionState {
  if (beat === null || now - beat.publishedAt > HEARD_WITHIN_MS) return "stale";
  if (beat.position >= beat.logEnd) return "idle";
  return isBehind(beat, now) ? "behind" : "live";
}

/**
 * The freshness of figures that rest on these partitions. `listeningSince`: when the gateway began to hear, ms;
 * `silentFor`: passed through.
 */
export function freshness(
  partitions: readonly Partition[],
  listeningSince: number,
  silentFor: number | null,
  now: number,
): Freshness {
  const states = partitions.map((partition) => partitionState(partition, now));
  const partitionsHeard = states.filter((state) => state !== "stale").length;
  const beats = partitions.flatMap(({ beat }) => (beat === null ? [] : [beat]));
  return {
    state: overall(states, beats.length > 0 || now - listeningSince > HEARD_WITHIN_MS),
    freshAt: beats.length < partitions.length ? null : least(beats.map(freshAt)),
    watermark: least(beats.map((beat) => watermarkOf(beat, now))),
    partitionsHeard,
    partitions: partitions.length,
    silentFor,
  };
}

function overall(states: readonly PartitionState[], speaks: boolean): Freshness["state"] {
  if (states.length === 0 || !speaks) return "starting";
  if (states.includes("stale")) return "stale";
  return states.includes("behind") ? "behind" : "live";
}

/**
 * The event time that windows end at: the server's clock while a partition is caught up or nearly so, the moment of its last
 * word where it has fallen silent, else its watermark and the lateness; of all partitions the least. It is never further back
 * than the longest window, so that one dead partition cannot make memory grow for weeks.
 */
export function asOf(partitions: readonly Partition[], now: number): number {
  const ends = partitions.map((partition) => endOf(partition, now)).filter((end) => end !== null);
  return Math.min(now, Math.max(least(ends) ?? now, now - LONGEST_WINDOW_MS));
}

/** null: the partition says nothing about event time yet. */
function endOf(partition: Partition, now: number): number | null {
  const { beat } = partition;
  if (beat === null) return null;
  const state = partitionState(partition, now);
  if (state === "live" || state === "idle") return now;
  if (beat.position >= beat.logEnd) return beat.publishedAt;
  return beat.watermark === null ? null : beat.watermark + LATENESS_MS;
}

const freshAt = (beat: Beat): number | null => (beat.position >= beat.logEnd ? beat.publishedAt : beat.lastAppendTime);

/** An idle partition has seen all there is; one that fell silent counts from its last word. */
function watermarkOf(beat: Beat, now: number): number | null {
  if (beat.position < beat.logEnd) return beat.watermark;
  const heard = now - beat.publishedAt <= HEARD_WITHIN_MS;
  return (heard ? now : beat.publishedAt) - LATENESS_MS;
}

/** null: there is none, or one is not known. */
function least(times: readonly (number | null)[]): number | null {
  let smallest: number | null = null;
  for (const time of times) {
    if (time === null) return null;
    if (smallest === null || time < smallest) smallest = time;
  }
  return smallest;
}
