// npm run forget -- SOURCE: deletes all that is stored of one source, so that its topic can be folded anew.
import { createInterface } from "node:readline/promises";
import Table from "cli-table3";
import { createKafka } from "../runtime/kafka.ts";
import { command, runProcess } from "../runtime/process.ts";
import { createClickHouse } from "./client.ts";

const TABLES = ["raw_events", "sessions", "orders", "panes", "positions", "day_generation"] as const;

/** Of one statement: a table of years takes its time. */
const PATIENCE_MS = 3600_000;

const ABOUT =
  "Deletes all that is stored of one source (SOURCE, by default EVENTS_TOPIC#1): raw events, sessions, orders, panes and" +
  " positions. The topic stays as it is: workers that start under the same SOURCE fold it from its start.";
const program = command("npm run forget --", ABOUT)
  .argument("[source]", "the source to forget; without it, those that are stored are listed")
  .option("--yes", "do not ask")
  .addHelpText(
    "after",
    "\nStop the workers before, and start the gateways anew afterwards: they remember what they were told.",
  )
  .parse();
const { yes = false } = program.opts<{ yes?: true }>();
const [source] = program.args;

await runProcess(
  "forget",
  async ({ config, log, onStop }) => {
    const client = createClickHouse(config, "tidemark-forget", PATIENCE_MS);
    onStop("the client", () => client.close());
    const db = config.CLICKHOUSE_DATABASE;
    const rows = async <T>(query: string): Promise<T[]> => {
      const answer = await client.query({ query, query_params: { source }, format: "JSONEachRow" });
      return answer.json<T>();
    };
    if (source === undefined) {
      const stored = await rows<{ source: string; partitions: number; records: number; at: string }>(
        `SELECT source, count() AS partitions, sum(upto - first_offset) AS records, toString(max(stored_at)) AS at
         FROM ${db}.positions FINAL GROUP BY source ORDER BY source`,
      );
      const table = new Table({
        head: ["source", "partitions", "records", "last stored, UTC"],
        style: { head: [], border: [] },
      });
      table.push(...stored.map(({ source: name, partitions, records, at }) => [name, partitions, records, at]));
      return print(stored.length === 0 ? "Nothing is stored." : table.toString());
    }
    const counts: [table: string, rows: number][] = [];
    for (const table of TABLES) {
      const [found] = await rows<{ n: number }>(
        `SELECT count() AS n FROM ${db}.${table} WHERE source = {source:String}`,
      );
      if (found && found.n > 0) counts.push([table, found.n]);
    }
    if (counts.length === 0) throw new Error(`Nothing is stored of "${source}". Without a name, sources are listed.`);
    const table = new Table({ head: ["table", "rows"], style: { head: [], border: [] }, colAligns: ["left", "right"] });
    table.push(...counts);
    print(table.toString());
    if (!yes && !(await agreed(`Delete all that is stored of "${source}"?`))) return print("Nothing was deleted.");
    // first, so that a run that is broken off can be run again: what is stored says what is left to do
    const admin = createKafka(config, log, "tidemark-forget").admin();
    await admin.connect();
    onStop("the admin", () => admin.disconnect());
    const topic = config.PANES_TOPIC;
    if ((await admin.listTopics()).includes(topic)) {
      await admin.fetchTopicMetadata({ topics: [topic] }); // kafkajs deletes only in topics that it has looked at
      const ends = await admin.fetchTopicOffsets(topic);
      const partitions = ends
        .filter(({ low, high }) => low !== high)
        .map(({ partition, high }) => ({ partition, offset: high }));
      if (partitions.length > 0) await admin.deleteTopicRecords({ topic, partitions });
      print(`${topic}: emptied, so that gateways read what is stored`);
    }
    for (const [name] of counts) {
      await client.command({
        query: `ALTER TABLE ${db}.${name} DELETE WHERE source = {source:String}`,
        query_params: { source },
        clickhouse_settings: { mutations_sync: "2" },
      });
      print(`${name}: deleted`);
    }
    print("Start the workers, then the gateways anew.");
  },
  { quiet: true },
);

async function agreed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error("Nobody can be asked here: run it with --yes to delete.");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} Write yes: `);
  terminal.close();
  return answer.trim().toLowerCase() === "yes";
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
