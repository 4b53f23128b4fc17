// localStorage where the page may use it; what that does not take, as it is full or forbidden, lives as long as the page.

let lasting: Record<string, string> = {};
try {
  lasting = localStorage ?? lasting;
} catch {
  // the browser forbids it
}
/** Newer than what lasts. */
const passing: Record<string, string> = {};

export const read = (key: string): string | undefined => passing[key] ?? lasting[key];

export function write(key: string, value: string): void {
  delete passing[key];
  try {
    lasting[key] = value;
  } catch {
    passing[key] = value;
  }
}

export function remove(key: string): void {
  delete passing[key];
  delete lasting[key];
}

/** Every key that begins so; ours begin with "tidemark.". */
export const keysFrom = (start: string): string[] =>
  Object.keys({ ...lasting, ...passing }).filter((key) => key.startsWith(start));
