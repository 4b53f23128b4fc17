// What the HTTP interface has to know of a statement before the engine gets it: is it an INSERT with data behind it, which
// output format does it ask for, and may it take settings.

export interface Insert {
  readonly kind: "insert";
  /** As written: table or database.table. */
  readonly table: string;
  readonly columns: readonly string[] | null;
  readonly format: string;
  /** Those of the request and the statement's own. */
  readonly settings: ReadonlyMap<string, string>;
  /** Data that followed the statement in the same text. */
  readonly inline: string;
}

export interface Query {
  readonly kind: "query";
  /** Without its FORMAT clause, with the settings that it may take. */
  readonly sql: string;
  readonly format: string | null;
  /** It changes nothing. */
  readonly reads: boolean;
}

const INSERT =
  /^\s*INSERT\s+INTO\s+(?:TABLE\s+)?([\w.`"]+)\s*(?:\(([^)]*)\))?\s*(?:SETTINGS\s+([^\n]*?))?\s*FORMAT\s+(\w+)[ \t]*;?(?:\r?\n|$)?/i;
const FORMAT = /\bFORMAT\s+(\w+)\s*;?\s*$/i;
const COMMENT = /--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\//.source;
const start = (words: string): RegExp => new RegExp(`^(?:[\\s(]|${COMMENT})*(?:${words})\\b`, "i");
const READS = start("SELECT|WITH|SHOW|DESCRIBE|DESC|EXPLAIN|EXISTS");
const TAKES_SETTINGS = start(
  'SELECT|WITH|ALTER|INSERT\\s+INTO\\s+(?:TABLE\\s+)?[\\w.`"]+\\s*(?:\\([^)]*\\))?\\s*(?:SELECT|WITH)',
);
const SETTING = /(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|[\w.+-]+)/;
const HAS_SETTINGS = new RegExp(`\\bSETTINGS\\s+${SETTING.source}(?:\\s*,\\s*${SETTING.source})*\\s*$`, "i");
/** What says only how rows are read or written as text or found means nothing to a statement without rows. */
const HARMLESS =
  /^(?:input_format_|output_format_|do_not_merge_across_partitions_select_final$|optimize_move_to_prewhere_if_final$)/;

/** ClickHouse's words. */
const READONLY = "Cannot execute query in readonly mode. (READONLY)";

const bare = (name: string): string => name.trim().replace(/^[`"]|[`"]$/g, "");

/**
 * `all` settings of a request are appended as a SETTINGS clause; never as SET, which would stay for the queries of others. Throws
 * where the statement has no place for one that matters, and where `readonly` forbids it.
 */
export function readStatement(text: string, all: ReadonlyMap<string, string>): Insert | Query {
  const settings = new Map(all);
  const mayWrite = (settings.get("readonly") ?? "0") === "0";
  settings.delete("readonly");
  const insert = INSERT.exec(text);
  if (insert) {
    if (!mayWrite) throw new Error(READONLY);
    const [head, table, columns, own, format] = insert;
    return {
      kind: "insert",
      table: table!,
      columns: columns?.split(",").map(bare) ?? null,
      format: format!,
      settings: new Map([...settings, ...ownSettings(own ?? "")]),
      inline: text.slice(head.length),
    };
  }
  const format = FORMAT.exec(text);
  const sql = (format ? text.slice(0, format.index) : text).trim().replace(/;$/, "");
  const reads = READS.test(sql);
  if (!reads && !mayWrite) throw new Error(READONLY);
  return { kind: "query", sql: withSettings(sql, settings), format: format?.[1] ?? null, reads };
}

function ownSettings(clause: string): [string, string][] {
  return [...clause.matchAll(new RegExp(SETTING, "g"))].map(([, name, value]) => [name!, value!.replace(/^'|'$/g, "")]);
}

function withSettings(sql: string, settings: ReadonlyMap<string, string>): string {
  if (settings.size === 0) return sql;
  if (!TAKES_SETTINGS.test(sql)) {
    const lost = READS.test(sql) ? [] : [...settings.keys()].filter((name) => !HARMLESS.test(name));
    if (lost.length > 0) throw new Error(`this statement cannot take the settings of its request: ${lost.join(", ")}`);
    return sql;
  }
  const clause = [...settings].map(([name, value]) => `${name} = ${literal(value)}`).join(", ");
  return HAS_SETTINGS.test(sql) ? `${sql}, ${clause}` : `${sql}\nSETTINGS ${clause}`;
}

/** A setting's value as SQL: numbers as they are, everything else quoted. */
export const literal = (value: string): string => (/^-?\d+(\.\d+)?$/.test(value) ? value : quoted(value));

const quoted = (value: string): string => `'${value.replace(/[\\']/g, "\\$&")}'`;

/** Fills in query parameters: `{name:Type}` becomes the value, quoted and cast, so that it stays a value. */
export function withParameters(sql: string, parameters: ReadonlyMap<string, string>): string {
  return sql.replace(/\{(\w+):\s*([^{}]+?)\s*\}/g, (whole, name: string, type: string) => {
    const escaped = parameters.get(name);
    if (escaped === undefined) return whole;
    if (escaped === "\\N") return `CAST(NULL AS ${type})`;
    const value = /^(Array|Tuple|Map)\(/.test(type) ? escaped : unescape(escaped); // inside those, quotes do the escaping
    return type === "Identifier" ? `\`${value.replaceAll("`", "")}\`` : `CAST(${quoted(value)} AS ${type})`;
  });
}

/** Parameters travel escaped as in TabSeparated. */
const unescape = (value: string): string =>
  value.replace(
    /\\(.)/gs,
    (_, char: string) => ({ n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", "0": "\0" })[char] ?? char,
  );

/** URL parameters of the HTTP interface that are not settings. */
const NOT_SETTINGS = new Set([
  "query",
  "database",
  "user",
  "password",
  "default_format",
  "query_id",
  "session_id",
  "session_timeout",
  "role",
  "compress",
  "decompress",
  "enable_http_compression",
  "wait_end_of_query",
  "send_progress_in_http_headers",
  "http_headers_progress_interval_ms",
  "async_insert", // every insert here is synchronous
  "wait_for_async_insert",
]);

/** The settings of a request, apart from what concerns the transport alone. */
export function settingsOf(params: URLSearchParams): Map<string, string> {
  return new Map([...params].filter(([name]) => !NOT_SETTINGS.has(name) && !name.startsWith("param_")));
}

/** Values of query parameters, as text. */
export function parametersOf(params: URLSearchParams): Map<string, string> {
  const named = [...params].filter(([name]) => name.startsWith("param_"));
  return new Map(named.map(([name, value]) => [name.slice("param_".length), value]));
}
