// Migrations: numbered SQL files, applied once, in order, and recorded; and views.sql, applied whenever its text changes.
// Running them again does nothing. One that died half-way is run again, so each statement must bear that.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { ClickHouseClient, Databases } from "./client.ts";
import { text } from "./literal.ts";

const FOLDER = new URL("./migrations/", import.meta.url);
const VIEWS = "views.sql";

/** What the views need to know of a store. */
export interface StoreZone {
  readonly id: string;
  /** IANA zone. */
  readonly timeZone: string;
}

export interface Migration {
  readonly name: string;
  readonly sha256: string;
  readonly statements: readonly string[];
  /** Applied again when it has changed; the others must never change. */
  readonly repeatable: boolean;
}

/** Reads the migrations in order, views last, with their macros filled in. */
export async function readMigrations(databases: Databases, stores: readonly StoreZone[]): Promise<Migration[]> {
  const names = (await readdir(FOLDER)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();
  return Promise.all(
    [...names, VIEWS].map(async (name) => {
      const file = await readFile(new URL(name, FOLDER), "utf8");
      const repeatable = name === VIEWS;
      const filled = fillMacros(file, databases, stores);
      const sha256 = createHash("sha256")
        .update(repeatable ? filled : file)
        .digest("hex");
      return { name, sha256, statements: splitStatements(filled), repeatable };
    }),
  );
}

/** {db}, {analytics}, and {day:T}: the day of UTC time T in the zone of the row's store. */
export function fillMacros(sql: string, { db, analytics }: Databases, stores: readonly StoreZone[]): string {
  const day = (time: string): string => {
    const zones = stores.map(({ id, timeZone }) => `store = ${text(id)}, toDate(${time}, ${text(timeZone)})`);
    return `multiIf(${[...zones, `toDate(${time}, 'UTC')`].join(", ")})`;
  };
  return sql
    .replaceAll("{db}", db)
    .replaceAll("{analytics}", analytics)
    .replace(/\{day:([^}]+)\}/g, (_, time: string) => day(time));
}

/** Statements end with a semicolon at the end of a line; comments are left out. */
export function splitStatements(sql: string): string[] {
  return sql
    .replace(/^\s*--.*$/gm, "")
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

/** Brings the databases up to date; answers the names of what it applied. Throws where a recorded file has changed since. */
export async function migrate(
  client: ClickHouseClient,
  databases: Databases,
  stores: readonly StoreZone[],
): Promise<string[]> {
  const { db, analytics } = databases;
  await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${db}` });
  await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${analytics}` });
  await client.command({
    query: `CREATE TABLE IF NOT EXISTS ${db}.migrations
            (name String, sha256 String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
            ENGINE = ReplacingMergeTree(applied_at) ORDER BY name`,
  });
  const answer = await client.query({
    query: `SELECT name, sha256 FROM ${db}.migrations FINAL`,
    format: "JSONEachRow",
  });
  const recorded = new Map(
    (await answer.json<{ name: string; sha256: string }>()).map((row) => [row.name, row.sha256]),
  );
  const applied: string[] = [];
  for (const { name, sha256, statements, repeatable } of await readMigrations(databases, stores)) {
    const known = recorded.get(name);
    if (known === sha256) continue;
    if (known !== undefined && !repeatable)
      throw new Error(
        `Migration ${name} was applied to ${db} in another form. Migrations are never edited: undo the edit and add a new numbered file.`,
      );
    for (const query of statements) await client.command({ query });
    await client.insert({ table: `${db}.migrations`, values: [{ name, sha256 }], format: "JSONEachRow" });
    applied.push(name);
  }
  return applied;
}
