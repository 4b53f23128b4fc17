// Rows of a CSV file, plain or gzipped, as a stream: the file is never in memory as a whole.
import { open, type FileHandle } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { parse, type Info } from "csv-parse";
import type { Row } from "../core/replay/order-line.ts";

const GZIP = Buffer.from([0x1f, 0x8b]);
const LARGEST_ROW = 1024 * 1024;

export interface CsvOptions {
  readonly delimiter: string;
  readonly encoding: BufferEncoding;
}

/** A row and the line of the file on which it ends; null: it could not be made out. */
export interface CsvRow {
  readonly line: number;
  readonly row: Row | null;
}

export interface CsvFile {
  readonly header: readonly string[];
  readonly rows: AsyncIterable<CsvRow>;
  /** Of the file as it lies on disk, gzipped or not. */
  readonly bytesRead: () => number;
  readonly bytes: number;
}

/** Opens the file and reads its header. Throws if there is none. */
export async function openCsv(path: string, options: CsvOptions): Promise<CsvFile> {
  const file = await open(path);
  const { size } = await file.stat();
  const raw = file.createReadStream();
  const unreadable: CsvRow[] = [];
  const parser = parse({
    delimiter: options.delimiter,
    encoding: options.encoding,
    bom: true,
    info: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: LARGEST_ROW,
    on_skip: (error) => {
      unreadable.push({ line: Number(error?.["lines"] ?? 0), row: null });
      return undefined;
    },
  });
  const fail = (error: Error): void => void parser.destroy(new Error(`${path}: ${error.message}`, { cause: error }));
  raw.on("error", fail);
  if (await isGzip(file)) raw.pipe(createGunzip()).on("error", fail).pipe(parser);
  else raw.pipe(parser);

  const records = parser[Symbol.asyncIterator]() as AsyncIterator<{ record: string[]; info: Info }>;
  const first = await records.next();
  if (first.done === true) throw new Error(`${path} is empty: its first line must name the columns.`);
  const header = first.value.record.map((name) => name.trim());
  return { header, rows: rowsOf(header, records, unreadable), bytesRead: () => raw.bytesRead, bytes: size };
}

async function* rowsOf(
  header: readonly string[],
  records: AsyncIterator<{ record: string[]; info: Info }>,
  unreadable: CsvRow[],
): AsyncGenerator<CsvRow> {
  for (let next = await records.next(); next.done !== true; next = await records.next()) {
    yield* unreadable.splice(0);
    const { record, info } = next.value;
    const row = record.length === header.length ? rowOf(header, record) : null;
    yield { line: info.lines, row };
  }
  yield* unreadable.splice(0);
}

function rowOf(header: readonly string[], record: readonly string[]): Row {
  const row: Record<string, string | undefined> = {};
  for (let i = 0; i < header.length; i++) row[header[i]!] = record[i];
  return row;
}

async function isGzip(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer.equals(GZIP);
}
