// What every stored row keeps about itself, so that an event is applied to it once, whatever was stored when.
//
//   base   the `upto` with which the row was loaded; −1 where it is new. Records at or below it are in the row already.
//   upto   the last offset that changed it; the version in storage.
//   version / saved   counts changes; equal when storage has acknowledged the newest.
//   queued   it is on the list of rows that the next flush stores.

export interface Row {
  base: number;
  upto: number;
  version: number;
  saved: number;
  queued: boolean;
}

/** True if record `offset` is not in the row yet; the caller then applies all that the record does to it, at once. */
export function touch(row: Row, offset: number): boolean {
  if (offset <= row.base) return false;
  if (offset > row.upto) row.upto = offset;
  row.version++;
  return true;
}

/** Storage may lack it, or a flush is going to ask for it: it must not leave memory. */
export const isDirty = (row: Row): boolean => row.version !== row.saved || row.queued;

/** Puts a changed row on the list of those that the next flush stores, once. */
export function enqueue<T extends Row>(queue: T[], row: T): void {
  if (row.queued) return;
  row.queued = true;
  queue.push(row);
}
