// The status page's rows: what each partition says of itself, and whether its records are all accounted for.
import type { PartitionStatus } from "../contract/status.ts";
import { lagOf } from "../../stream/contract/flush.ts";
import { partitionState } from "./freshness.ts";
import { hasEnded, type Beat, type Partition } from "./heartbeats.ts";
import { consumed, type Counters } from "../../stream/contract/accounting.ts";

/** What storage says of a partition: where its fold began and how many offsets held no record. */
export interface StoredPosition {
  readonly source: string;
  readonly partition: number;
  readonly generation: number;
  readonly partitions: number;
  readonly firstOffset: number;
  readonly gaps: number;
  readonly position: number;
  readonly watermark: number | null;
  readonly panesOffset: number;
  readonly storedAt: number;
  readonly counters: Counters;
  readonly late: number;
}

/**
 * `stored`: null where storage did not answer. A source other than `home` that has ended is no fault.
 */
export function partitionStatus(
  partition: Partition,
  stored: StoredPosition | null,
  home: string,
  now: number,
): PartitionStatus | null {
  const { source, partition: number, beat } = partition;
  const ended = source !== home && hasEnded(beat, now);
  const state = ended ? "idle" : partitionState(partition, now);
  if (beat !== null) return { source, partition: number, state, ...said(beat, now) };
  return stored === null ? null : { source, partition: number, state, ...unheard(stored) };
}

type Said = Omit<PartitionStatus, "source" | "partition" | "state">;

function said(beat: Beat, now: number): Said {
  const { worker, counters, parked, position, storedPosition, logEnd, watermark, publishedAt, late } = beat;
  const lag = lagOf(beat, now);
  return {
    worker,
    counters,
    consumed: beat.consumed,
    parked,
    position,
    storedPosition,
    logEnd,
    lag: Math.max(0, logEnd - position),
    lagSeconds: Number.isFinite(lag) ? lag / 1000 : 0,
    watermark,
    heardAt: publishedAt,
    late,
  };
}

/** A partition that storage knows, but no worker has spoken for. */
function unheard(stored: StoredPosition): Said {
  const { counters, position, watermark, storedAt, late } = stored;
  return {
    worker: "",
    counters,
    consumed: Math.max(0, consumed(stored)),
    parked: 0,
    position,
    storedPosition: position,
    logEnd: position,
    lag: 0,
    lagSeconds: 0,
    watermark,
    heardAt: storedAt,
    late,
  };
}
