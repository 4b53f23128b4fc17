// What Prometheus reads of a gateway.
import { Counter, Gauge, Registry, collectDefaultMetrics } from "prom-client";
import { VERDICTS } from "../../stream/contract/accounting.ts";
import { DOUBLES_DAYS, type Doubles, type PartitionStatus } from "../contract/status.ts";

/** Looked at when /metrics is asked. */
export interface MetricsSource {
  readonly screens: () => number;
  readonly rooms: () => number;
  /** Panes held in memory. */
  readonly rows: () => number;
  /** Records of kpi.panes not read yet; null: not known. */
  readonly tailLag: () => number | null;
  readonly unreadable: () => number;
  readonly storageUp: () => boolean;
  readonly partitions: () => readonly PartitionStatus[];
  /** Ids of the configured stores. */
  readonly stores: () => readonly string[];
  readonly doubles: () => Doubles | null;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #reads: (() => void)[] = [];
  readonly pushes: Counter;
  readonly cut: Counter;

  constructor(source: MetricsSource) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.pushes = new Counter({ name: "tidemark_gateway_pushes_total", help: "States pushed to rooms", registers });
    this.cut = new Counter({ name: "tidemark_gateway_cut_total", help: "Screens cut for being too slow", registers });
    const gauges = {
      screens: { help: "Screens connected", read: source.screens },
      rooms: { help: "Rooms with a screen in them", read: source.rooms },
      panes: { help: "Panes in memory", read: source.rows },
      tail_lag_records: {
        help: "Records of kpi.panes not read yet; -1: not known",
        read: () => source.tailLag() ?? -1,
      },
      unreadable_records: { help: "Records of kpi.panes that could not be read", read: source.unreadable },
      sessions_in_two_partitions: {
        help: `Sessions in more than one partition, begun within ${DOUBLES_DAYS.sessions} d; -1: not known`,
        read: () => source.doubles()?.sessions ?? -1,
      },
      storage_up: { help: "1: ClickHouse answered the last request", read: () => Number(source.storageUp()) },
    };
    for (const [name, { help, read }] of Object.entries(gauges)) {
      const gauge = new Gauge({ name: `tidemark_gateway_${name}`, help, registers });
      this.#reads.push(() => gauge.set(read()));
    }
    const labelNames = ["source", "partition"];
    const heard = new Gauge({
      name: "tidemark_gateway_partition_heard_seconds",
      help: "When a partition was last heard, s since 1970",
      labelNames,
      registers,
    });
    const lag = new Gauge({
      name: "tidemark_gateway_partition_lag_records",
      help: "Records of a partition not folded yet",
      labelNames,
      registers,
    });
    const records = new Gauge({
      name: "tidemark_gateway_partition_records",
      help: "Records of a partition by verdict; their sum is what was consumed",
      labelNames: [...labelNames, "verdict"],
      registers,
    });
    const orderIds = new Gauge({
      name: "tidemark_gateway_order_ids_under_two_sessions",
      help: `Order ids that count under more than one session, begun within ${DOUBLES_DAYS.orderIds} d; -1: not known`,
      labelNames: ["store"],
      registers,
    });
    this.#reads.push(() => {
      const doubles = source.doubles();
      for (const store of source.stores())
        orderIds.set({ store }, doubles === null ? -1 : (doubles.orderIds[store] ?? 0));
    });
    this.#reads.push(() => {
      for (const { source: name, partition, counters, ...status } of source.partitions()) {
        const label = { source: name, partition: String(partition) };
        heard.set(label, status.heardAt / 1000);
        lag.set(label, status.lag);
        for (const verdict of VERDICTS) records.set({ ...label, verdict }, counters[verdict]);
      }
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    for (const read of this.#reads) read();
    return this.#registry.metrics();
  }
}
