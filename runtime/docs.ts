// npm run docs: writes the table of settings into the README.
import { readFile, writeFile } from "node:fs/promises";
import { withSettingsTable } from "./settings-table.ts";

const README = new URL("../README.md", import.meta.url);
await writeFile(README, withSettingsTable(await readFile(README, "utf8")));
