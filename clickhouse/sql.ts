// npm run sql -- 'SELECT …': asks the configured ClickHouse and prints its answer.
import { text } from "node:stream/consumers";
import type { ClickHouseSettings } from "@clickhouse/client";
import { command, runProcess } from "../runtime/process.ts";
import { createClickHouse } from "./client.ts";

const program = command("npm run sql --", "Asks ClickHouse and prints the answer as a table.")
  .argument("[statement]", "one SQL statement; without it, it is read from standard input")
  .option(
    "-f, --format <name>",
    "any of ClickHouse's output formats, e.g. CSVWithNames or JSONEachRow",
    "PrettyCompactMonoBlock",
  )
  .option("--write", "let the statement change something; without this, whatever would is refused")
  .addHelpText("after", `\nExample: npm run sql -- "SELECT * FROM analytics.orders LIMIT 5"`)
  .parse();
const { format, write = false } = program.opts<{ format: string; write?: boolean }>();
const [statement] = program.args;

await runProcess(
  "sql",
  async ({ config, onStop }) => {
    const client = createClickHouse(config, "tidemark-sql");
    onStop("the client", () => client.close());
    const query = (statement ?? (await text(process.stdin))).trim().replace(/;$/, "");
    if (query === "") throw new Error("There is no statement. Run with --help for how to give one.");
    process.stdout.on("error", () => process.exit(0)); // who reads has had enough, e.g. head
    const settings = {
      default_format: format, // for statements that name none of their own
      readonly: write ? "0" : "2", // 2: a statement may still bring settings of its own
    } as ClickHouseSettings;
    const { stream } = await client.exec({ query, clickhouse_settings: settings });
    for await (const chunk of stream) process.stdout.write(chunk as Buffer);
  },
  { quiet: true },
);
