// The settings as the README shows them.
import { settingRows } from "./config.ts";

const MARKED = /<!-- settings -->\n[\s\S]*?<!-- \/settings -->/;

/** A Markdown table, one line a setting. */
export function settingsTable(): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  const rows = settingRows().map(
    ({ name, fallback, about }) =>
      `| \`${name}\` | ${fallback === "" ? "" : `\`${cell(fallback)}\``} | ${cell(about)} |`,
  );
  return `${["| variable | default | what it sets |", "|---|---|---|", ...rows].join("\n")}\n`;
}

/** A page with its table between the marks brought up to date. */
export function withSettingsTable(page: string): string {
  return page.replace(MARKED, () => `<!-- settings -->\n${settingsTable()}<!-- /settings -->`);
}
