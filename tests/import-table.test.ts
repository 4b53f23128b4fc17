// The layers of docs/architecture.md, checked on every import of every file. Parsed by TypeScript's own rules for import
// specifiers would be slower and say the same: our imports are static, and each stands on a line of its own.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve, dirname } from "node:path";
import { expect, test } from "vitest";
import { unreachable } from "../producers/contract/unreachable.ts";

const ROOT = resolve(import.meta.dirname, "..");
const FOLDERS = ["producers", "stream", "clickhouse", "gateway", "ui", "local", "runtime"] as const;
type Folder = (typeof FOLDERS)[number];

/** Whose contracts a folder may import: those upstream, along the path of an event. */
const UPSTREAM: Record<Folder, readonly Folder[]> = {
  producers: ["producers"],
  stream: ["producers", "stream"],
  clickhouse: ["stream"],
  gateway: ["producers", "stream", "gateway"],
  ui: ["stream", "gateway"],
  local: [],
  runtime: ["producers"],
};

/** npm packages that make a codec; the ui never sees one. */
const CODECS = ["avsc"];

interface Place {
  readonly folder: Folder;
  readonly layer: "contract" | "core" | "io" | "web" | "main" | "other";
}

const LAYERS = ["contract", "core", "io", "web"] as const;

function placeOf(path: string): Place | null {
  const [folder, second, ...rest] = path.split("/");
  if (!FOLDERS.includes(folder as Folder)) return null;
  const layer = rest.length === 0 ? "main" : (LAYERS.find((name) => name === second) ?? "other");
  return { folder: folder as Folder, layer };
}

/** null: allowed. `from` and `to` are paths from the root. */
export function whyForbidden(from: string, to: string): string | null {
  const importer = placeOf(from);
  const imported = placeOf(to);
  if (!importer || !imported) return null;
  const own = importer.folder === imported.folder;
  if (imported.layer === "contract" && UPSTREAM[importer.folder].includes(imported.folder)) return null;
  if (own && importer.folder === "ui") return null;
  switch (importer.layer) {
    case "contract":
      return own && imported.layer === "contract" ? null : "a contract imports only contracts upstream";
    case "core":
      return own && imported.layer === "core" ? null : "core imports only its own core and contracts";
    case "io":
      if (own && (imported.layer === "core" || imported.layer === "io")) return null;
      if (imported.folder === "runtime") return null;
      if (imported.folder === "clickhouse" && ["stream", "gateway"].includes(importer.folder)) return null;
      return "io imports its own core and io, contracts, runtime, and in stream and gateway clickhouse";
    case "web":
      return own && imported.layer === "web" ? null : "what shops' pages load imports only itself and contracts";
    case "main":
    case "other":
      if (own || imported.folder === "runtime") return null;
      if (to === "clickhouse/client.ts" || to === "clickhouse/migrate.ts") return null;
      return "what wires a process imports its own folder, runtime and clickhouse's client";
    default:
      return unreachable(importer.layer);
  }
}

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.(ts|tsx|mjs)$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name)) yield path;
  }
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)].map((match) => match[1]!);
}

test("every import follows the table of layers", () => {
  const broken: string[] = [];
  for (const folder of FOLDERS) {
    for (const file of sources(join(ROOT, folder))) {
      const from = relative(ROOT, file);
      for (const specifier of importsOf(file)) {
        if (folder === "ui" && CODECS.includes(specifier))
          broken.push(`${from} → ${specifier}: the ui never sees a codec`);
        if (placeOf(from)?.layer === "web" && (!specifier.startsWith(".") || specifier.endsWith("/codec.ts")))
          broken.push(`${from} → ${specifier}: what shops' pages load has no packages and no codec`);
        if (!specifier.startsWith(".")) continue;
        const to = relative(ROOT, resolve(dirname(file), specifier));
        const why = whyForbidden(from, to);
        if (why) broken.push(`${from} → ${to}: ${why}`);
      }
    }
  }
  expect(broken).toEqual([]);
});

test.each([
  ["stream/core/decide.ts", "stream/io/worker.ts"],
  ["stream/core/decide.ts", "runtime/config.ts"],
  ["producers/core/shop.ts", "stream/contract/flush.ts"],
  ["gateway/core/pane-book.ts", "stream/core/panes.ts"],
  ["producers/io/kafka.ts", "clickhouse/client.ts"],
  ["stream/contract/flush.ts", "gateway/contract/wall.ts"],
  ["ui/src/wall/wall.tsx", "gateway/core/figures.ts"],
  ["gateway/main.ts", "stream/io/storage.ts"],
  ["producers/web/main.ts", "producers/core/collect/admit.ts"],
  ["producers/core/collect/admit.ts", "producers/web/core/outbox.ts"],
])("a planted import of %s from %s is found", (from, to) => {
  expect(whyForbidden(from, to)).not.toBeNull();
});

test("core has no clock, no randomness, no environment and no timers", () => {
  const forbidden =
    /\b(Date\.now|new Date\(\)|Math\.random|performance\.now|process\.|setTimeout|setInterval|node:(fs|net|http))/;
  const broken = FOLDERS.flatMap((folder) => [...sources(join(ROOT, folder))])
    .map((file) => relative(ROOT, file))
    .filter((file) => file.split("/").includes("core") && forbidden.test(readFileSync(join(ROOT, file), "utf8")));
  expect(broken).toEqual([]);
});
