// What gateways were told against what is stored: the highest `upto` of every pane in kpi.panes, the last on a tie, must be the
// stored pane; and every stored pane that is young enough must have been told.
import type { ClickHouseClient } from "../../clickhouse/client.ts";
import type { PaneRow } from "../../stream/contract/flush.ts";
import { decodeFlush } from "../../stream/contract/flush-codec.ts";
import { PUBLISHED_MS } from "../../stream/contract/lateness.ts";
import { MEASURES } from "../../stream/contract/measures.ts";
import type { LogRecord } from "../../stream/core/log-record.ts";

export async function comparePublished(
  client: ClickHouseClient,
  db: string,
  source: string,
  records: readonly LogRecord[],
): Promise<{ problems: string[]; rows: number }> {
  const told = new Map<string, PaneRow>();
  let newest = 0;
  for (const { value } of records) {
    const flush = decodeFlush(value!);
    if (flush?.source !== source) continue;
    newest = Math.max(newest, flush.lastAppendTime ?? 0);
    for (const row of flush.panes) {
      const key = [flush.partition, row.width, row.start, row.store, row.dimension, row.value].join("|");
      if (row.upto >= (told.get(key)?.upto ?? -1)) told.set(key, row);
    }
  }
  const answer = await client.query({
    query: `SELECT partition, store, width, dimension, value, toUnixTimestamp(start), upto,
                   [${MEASURES.map((measure) => `toInt64(${measure})`).join(", ")}], sketch_index, sketch_count
            FROM ${db}.panes FINAL WHERE source = {source:String} AND generation = 0`,
    query_params: { source },
    format: "JSONCompactEachRow",
  });
  type Stored = [number, string, number, string, string, number, number, number[], number[], number[]];
  const stored = await answer.json<Stored>();
  const problems: string[] = [];
  let rows = 0;
  for (const [partition, store, width, dimension, value, start, upto, ...content] of stored) {
    const key = [partition, width, start, store, dimension, value].join("|");
    const row = told.get(key);
    told.delete(key);
    if (!row && start * 1000 < newest - PUBLISHED_MS) continue;
    rows++;
    const got = JSON.stringify(row && [row.upto, row.measures, row.sketchIndex, row.sketchCount]);
    const wanted = JSON.stringify([upto, ...content]);
    if (got !== wanted && problems.length < 20) problems.push(`told ${key}: ${got}, stored ${wanted}`);
  }
  for (const key of told.keys())
    if (problems.length < 20 && !key.includes("|1|")) problems.push(`told ${key}, not stored`);
  return { problems, rows };
}
