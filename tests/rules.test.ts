// Every rule of the exactness argument (docs/exactness.md), put back to its tempting simpler form in a copy of the code: random
// lives must then go wrong. A rule that can be simplified without anybody noticing is not a rule, or the lives are too tame.
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import type { Practice } from "./support/lives.ts";

const ROOT = resolve(import.meta.dirname, "..");
const MOST_LIVES = 30_000;

interface Rule {
  /** What holds, and what would be simpler. */
  readonly name: string;
  readonly edits?: readonly (readonly [file: string, from: string, to: string])[];
  /** Rules of whoever runs the fold. */
  readonly broken?: readonly (keyof Practice)[];
}

const RULES: readonly Rule[] = [
  {
    name: "facts are asked for as of an offset, not for their presence",
    edits: [["session.ts", "at !== NEVER && at < offset", "at !== NEVER"]],
  },
  {
    name: "the first event of a session is that of its first offset, not the one that finds it new",
    edits: [["decide.ts", "fact === NEVER || fact === offset", "fact === NEVER"]],
  },
  {
    name: "what was taken off an order is summed at smaller offsets, not in all",
    edits: [["session.ts", "if (take.at >= offset) continue;", ""]],
  },
  {
    name: "an event is compared with the offset that a row was loaded with, not with the row's moving one",
    edits: [["row.ts", "if (offset <= row.base) return false;", "if (offset <= row.upto) return false;"]],
  },
  {
    name: "a session is its id and its start, not its id alone",
    edits: [
      ["sessions.ts", "doubles[at + STARTED] !== startedAt || ", ""],
      ["session.ts", "Math.imul((startedAt % 4294967296) | 0, 0x9e3779b1)", "0"],
      ["session.ts", "`${key.kind}|${key.startedAt}|${key.id}`", "`${key.kind}|${key.id}`"],
    ],
  },
  {
    name: "a session lives from the later of its start and its events, not from its events",
    edits: [["sessions.ts", "doubles[ACTIVE] = startedAt;", "doubles[ACTIVE] = 0;"]],
  },
  {
    name: "records of a session wait behind its parked one, they do not overtake it",
    edits: [["partition-fold.ts", "if (waits) this.#park(read);", "if (false) this.#park(read);"]],
  },
  {
    name: "nothing is stored while a record is parked",
    edits: [["flush-work.ts", "fold.firstParked !== null || !fold.hasNews", "!fold.hasNews"]],
  },
  {
    name: "a parked record keeps the rates that it was read under",
    edits: [
      [
        "partition-fold.ts",
        "this.#foldShopEvent(read, fixings, watermark)",
        "this.#foldShopEvent(read, this.#fixings, watermark)",
      ],
    ],
  },
  {
    name: "only what lies above every loaded pane is tallied",
    edits: [["memory.ts", "return offset > this.#loadedUpto && ", "return "]],
  },
  {
    name: "a pane that has settled gets no tally: what changes it now is a revision",
    edits: [["memory.ts", " && (start + 60) * 1000 + SETTLES_AFTER_MS > watermark;", ";"]],
  },
  {
    name: "before storage is asked for a pane, tallies go into theirs",
    edits: [["memory.ts", "if (!this.tallies.isEmpty) {", "if (false) {"]],
  },
  {
    name: "a pane that a tally has made while others were looked for is not replaced by a new one",
    edits: [
      ["memory.ts", "if (!known) slices.put(pane);\n    return known ?? pane;", "slices.put(pane);\n    return pane;"],
    ],
  },
  {
    name: "before rows are stored, tallies go into theirs",
    edits: [["flush-work.ts", "memory.tallies.settle();\n  const outcomes", "const outcomes"]],
  },
  {
    name: "a parked record revises what had settled when it was read, not when it is folded",
    edits: [
      [
        "partition-fold.ts",
        "this.#foldShopEvent(read, fixings, watermark)",
        "this.#foldShopEvent(read, fixings, this.#lookup.watermark)",
      ],
    ],
  },
  {
    name: "a pane that lacks a parked record is published with a smaller upto",
    edits: [["flush-work.ts", "paneRow(pane, Math.min(pane.upto, complete))", "paneRow(pane, pane.upto)"]],
  },
  {
    name: "a pane that lacked a parked record is published again",
    edits: [["flush-work.ts", "pane.unpublished = pane.upto > complete;", "pane.unpublished = false;"]],
  },
  {
    name: "records that are folded again publish their panes again",
    edits: [["apply.ts", "if (!pane.unpublished && pane", "if (pane.base < offset && !pane.unpublished && pane"]],
  },
  {
    name: "a row leaves memory only when storage has acknowledged it",
    edits: [["row.ts", "row.version !== row.saved || row.queued", "row.queued"]],
  },
  {
    name: "a session leaves memory only with its orders stored",
    edits: [["memory.ts", "if (orders && [...orders.values()].some(isDirty)) continue;", ""]],
  },
  {
    name: "a session that may be in storage is looked for there",
    edits: [["memory.ts", "if (read.startedAt >= watermark - SESSION_MEMORY_MS) return null;", "return null;"]],
  },
  {
    name: "a pane that may be in storage is looked for there",
    edits: [["memory.ts", "if (start * 1000 < lookup.watermark - PANE_MEMORY_MS[width]) {", "if (start < 0) {"]],
  },
  {
    name: "a fold goes on with the stored watermark",
    edits: [["partition-fold.ts", "{ watermark: standing.watermark, needs", "{ watermark: -Infinity, needs"]],
  },
  {
    name: "a fold goes on with the stored rates",
    edits: [["partition-fold.ts", "this.#fixings = standing.fixings;", "this.#fixings = Fixings.none;"]],
  },
  {
    name: "a duplicate leaves no facts, nor does a dead letter",
    edits: [
      [
        "partition-fold.ts",
        'if (effects.verdict === "duplicate" || effects.fault !== null) {',
        "if (effects.fault !== null) {",
      ],
    ],
  },
  {
    name: "what has left memory is not taken for what storage did not have a moment ago",
    edits: [["memory.ts", "this.endBatch(); // what leaves memory now is in storage", ""]],
  },
  { name: "rows are encoded at the moment at which their flush begins", broken: ["encodesAtOnce"] },
  { name: "rows are stored before the position that covers them", broken: ["rowsFirst"] },
  { name: "a position waits until the panes of its records are published", broken: ["publishFirst"] },
  { name: "a gateway keeps the row with the highest upto, not the last", broken: ["highestWins"] },
  { name: "the late path sees every insert that was acknowledged", broken: ["readsLatest"] },
];

/** A copy of the code with the edits made; each must find its line once. */
function copyWith(edits: Rule["edits"] = []): string {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-rule-"));
  for (const path of ["stream/core", "stream/contract", "producers/contract", "tests/support", "package.json"])
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const [file, from, to] of edits) {
    const path = join(folder, "stream/core", file);
    const text = readFileSync(path, "utf8");
    expect(text.split(from).length - 1, `“${from}” in ${file}`).toBe(1);
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
  }
  return folder;
}

/** The first life that goes wrong; empty: none. */
async function wrongLife(folder: string, lives: number, broken: readonly string[] = []): Promise<string> {
  const args = ["--import", "tsx", "tests/support/lives-main.ts", String(lives), ...broken];
  return (await promisify(execFile)(process.execPath, args, { cwd: folder })).stdout.trim();
}

describe("lives go wrong without the rule:", { timeout: 180_000 }, () => {
  test.concurrent.for(RULES)("$name", async ({ edits, broken }) => {
    const folder = copyWith(edits);
    try {
      expect(await wrongLife(folder, MOST_LIVES, broken)).toMatch(/^life \d+: /); // one that throws has proved nothing
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
