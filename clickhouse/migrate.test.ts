import { expect, test } from "vitest";
import { fillMacros, readMigrations, splitStatements } from "./migrate.ts";
import { list, text } from "./literal.ts";

const databases = { db: "tidemark", analytics: "analytics" };
const stores = [
  { id: "shop", timeZone: "Europe/London" },
  { id: "eu", timeZone: "Europe/Berlin" },
];

test("migrations come in order, the views last, with no macro left in them", async () => {
  const migrations = await readMigrations(databases, stores);
  expect(migrations.map(({ name }) => name)).toEqual([
    "0001_tables.sql",
    "0002_revisions.sql",
    "0003_raw_words.sql",
    "views.sql",
  ]);
  for (const { statements } of migrations) {
    expect(statements.length).toBeGreaterThan(0);
    for (const statement of statements) expect(statement).not.toMatch(/\{\w+[:}]/);
  }
});

test("every statement bears being run twice", async () => {
  for (const { statements } of await readMigrations(databases, stores))
    for (const statement of statements) expect(statement).toMatch(/IF NOT EXISTS|OR REPLACE|MODIFY COLUMN/);
});

test("a store's day follows its own zone, an unknown store's is UTC", () => {
  expect(fillMacros("SELECT {day:p.start}", databases, stores)).toBe(
    "SELECT multiIf(store = 'shop', toDate(p.start, 'Europe/London'), store = 'eu', toDate(p.start, 'Europe/Berlin'), " +
      "toDate(p.start, 'UTC'))",
  );
});

test("statements end with a semicolon at a line's end, and comments are left out", () => {
  expect(splitStatements("-- a; b\nSELECT ';';\n\nSELECT 2;\n")).toEqual(["SELECT ';'", "SELECT 2"]);
});

test("a text is quoted so that it stays one text", () => {
  expect(text("it's \\ here")).toBe("'it\\'s \\\\ here'");
  expect(list([text("a"), "1"])).toBe("('a', 1)");
});
