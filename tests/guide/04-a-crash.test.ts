// 4. A crash
//
// A worker dies in the middle of a flush: the panes were stored, the position was not. The next one loads what is there and
// folds again from the old position. Rows remember the last offset that changed them, so nothing counts twice.
import { expect, test } from "vitest";
import { EventDecoder } from "../../producers/contract/codec.ts";
import { beginFlush } from "../../stream/core/flush-work.ts";
import { noNeeds } from "../../stream/core/memory.ts";
import { PartitionFold, atStart } from "../../stream/core/partition-fold.ts";
import { MemoryRaw, MemoryStorage } from "../support/memory-storage.ts";
import { inPane, logOf, START, order, view } from "./shop.ts";

const settings = { decoder: new EventDecoder(), currencies: new Map([["shop", "GBP"]]) };

test("rows stored with a flush that died are not counted again", () => {
  const log = logOf(view(), view(), order("A-1"), view());
  const storage = new MemoryStorage(() => 0);

  const first = new PartitionFold(settings, atStart(0), new MemoryRaw());
  for (const record of log.slice(0, 2)) first.fold(first.read(record));
  const safe = beginFlush(first)!;
  storage.insert([...storage.sessionRows(safe), ...storage.paneRows(safe)]);
  storage.position = safe.standing; // everything of the first two records is safe

  first.fold(first.read(log[2]!));
  const dying = beginFlush(first)!;
  storage.insert(storage.paneRows(dying)); // the panes of the order are stored: the session is not, the position is not

  const second = new PartitionFold(settings, storage.position, new MemoryRaw());
  second.supply(noNeeds(), storage.loadLive(storage.position.watermark));
  for (const record of log.slice(second.position)) second.fold(second.read(record));

  expect(second.position).toBe(4);
  expect(inPane(second, START, "orders")).toBe(1);
  expect(inPane(second, START, "page_views")).toBe(3);
  expect(inPane(second, START, "converted")).toBe(1);
});
