// ClickHouse's HTTP interface over chDB, the ClickHouse engine as a library: enough of it for @clickhouse/client, curl and
// people. Readers do not wait for writers, nor /ping for either.
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import type { RawInsertFormat, Session } from "chdb";
import type { Lanes } from "./lanes.ts";
import { literal, parametersOf, readStatement, settingsOf, withParameters, type Insert } from "./statement.ts";

/** Formats that chDB's own insert takes; any other goes through a temporary file. */
const TEXT_FORMATS: ReadonlySet<string> = new Set<RawInsertFormat>([
  "JSONEachRow",
  "JSONCompactEachRow",
  "CSV",
  "CSVWithNames",
  "TSV",
  "TabSeparated",
  "TSVWithNames",
  "TabSeparatedWithNames",
]);
const isTextFormat = (format: string): format is RawInsertFormat => TEXT_FORMATS.has(format);

interface Answer {
  readonly body: Uint8Array | string;
  readonly format: string;
  readonly writtenRows: number;
}

/** An HTTP server that is not listening yet. `spool` is a folder for temporary files. */
export function createEngineServer(lanes: Lanes, spool: string): Server {
  rmSync(spool, { recursive: true, force: true });
  mkdirSync(spool, { recursive: true });
  const server = createServer((request, response) => {
    handle(lanes, spool, request, response).catch((error: unknown) => fail(response, error));
  });
  server.keepAliveTimeout = 10_000;
  server.requestTimeout = 0;
  return server;
}

async function handle(lanes: Lanes, spool: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://engine");
  if (
    url.pathname === "/ping" ||
    (url.pathname === "/" && request.method === "GET" && !url.searchParams.has("query"))
  ) {
    response.setHeader("x-tidemark-pid", process.pid); // so that who starts it knows its own from another
    response.end("Ok.\n");
    return;
  }
  const database = url.searchParams.get("database");
  if (database !== null && database !== "default")
    return refuse(
      response,
      501,
      48,
      `name the database in the statement instead of choosing "${database}" for the request`,
    );
  const body = await readBody(request);
  const inUrl = url.searchParams.get("query");
  const statement = readStatement(inUrl ?? body.toString("utf8"), settingsOf(url.searchParams));
  const format = (statement.kind === "query" ? statement.format : null) ?? url.searchParams.get("default_format");
  const values = statement.kind === "insert" && inUrl === null ? Buffer.from(statement.inline) : body;
  const work = (session: Session): Promise<Answer> => {
    if (request.socket.destroyed) throw new Error("the client has left before its turn");
    if (statement.kind === "insert") return insert(session, spool, statement, values);
    return query(session, withParameters(statement.sql, parametersOf(url.searchParams)), format ?? "TabSeparated");
  };
  const answer = await (statement.kind === "query" && statement.reads ? lanes.read(work) : lanes.write(work));
  response.writeHead(200, {
    "content-type": "text/plain; charset=UTF-8",
    "x-clickhouse-format": answer.format,
    "x-clickhouse-query-id": url.searchParams.get("query_id") ?? randomUUID(),
    "x-clickhouse-summary": JSON.stringify({ written_rows: String(answer.writtenRows) }),
  });
  response.end(answer.body);
}

function readBody(request: IncomingMessage): Promise<Buffer> {
  if (request.headers["content-encoding"] !== "gzip") return buffer(request);
  return buffer(pipeline(request, createGunzip(), () => undefined)); // a client that leaves half-way ends the reading too
}

async function query(session: Session, sql: string, format: string): Promise<Answer> {
  const result = await session.queryAsync(sql, { format });
  return { body: result.bytes(), format, writtenRows: 0 };
}

async function insert(
  session: Session,
  spool: string,
  { table, columns, format, settings }: Insert,
  values: Buffer,
): Promise<Answer> {
  const done = (writtenRows: number): Answer => ({ body: "", format, writtenRows });
  if (values.length === 0) return done(0);
  if (isTextFormat(format)) {
    const options = { table, values, format, settings: Object.fromEntries(settings), ...(columns && { columns }) };
    return done((await session.insert(options)).rowsWritten);
  }
  const known = await columnsOf(session, table);
  const used = columns ?? [...known.keys()];
  const quoted = used.map((name) => `\`${name}\``).join(", ");
  const structure = used.map((name) => `\`${name}\` ${known.get(name) ?? "String"}`).join(", ");
  const file = join(spool, randomUUID());
  await writeFile(file, values);
  try {
    const clause =
      settings.size === 0
        ? ""
        : ` SETTINGS ${[...settings].map(([name, value]) => `${name} = ${literal(value)}`).join(", ")}`;
    await session.queryAsync(
      `INSERT INTO ${table} (${quoted}) SELECT ${quoted} FROM file(${literal(file)}, ${literal(format)}, ${literal(structure)})${clause}`,
    );
  } finally {
    rmSync(file, { force: true });
  }
  return done(0);
}

/** Name and type of a table's columns. Asked anew with every insert: a cache would have to follow every ALTER. */
async function columnsOf(session: Session, table: string): Promise<Map<string, string>> {
  const answer = await session.queryAsync(`DESCRIBE TABLE ${table}`, { format: "JSONCompactEachRow" });
  const rows = answer.text().trim().split("\n");
  return new Map(
    rows
      .filter((row) => row !== "")
      .map((row) => (JSON.parse(row) as [string, string]).slice(0, 2) as [string, string]),
  );
}

function fail(response: ServerResponse, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  const code = /Code: (\d+)/.exec(text)?.[1] ?? "1002";
  const status = code === "60" || code === "81" ? 404 : code === "62" ? 400 : 500;
  refuse(response, status, Number(code), text);
}

function refuse(response: ServerResponse, status: number, code: number, text: string): void {
  if (response.headersSent) return void response.destroy();
  const message = text.includes("DB::Exception")
    ? text.slice(text.indexOf("Code: "))
    : `Code: ${code}. DB::Exception: ${text}. (UNSUPPORTED_METHOD)`;
  response.writeHead(status, {
    "content-type": "text/plain; charset=UTF-8",
    "x-clickhouse-exception-code": String(code),
  });
  response.end(`${message}\n`);
}
