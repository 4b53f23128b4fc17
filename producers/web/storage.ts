// localStorage where the page may use it; without it, or once it is full, memory that lives as long as the page.

let storage: Record<string, string> = {};
try {
  storage = localStorage ?? storage;
} catch {
  // the browser forbids it
}
const lasting = storage;

export const read = (key: string): string | undefined => storage[key];

export function write(key: string, value: string): void {
  try {
    storage[key] = value;
  } catch {
    storage = { ...storage, [key]: value };
  }
}

export function remove(key: string): void {
  delete storage[key];
  delete lasting[key]; // even where that is full: who wants to be forgotten is
}

/** Every key that begins so; ours begin with "tidemark.". */
export const keysFrom = (start: string): string[] => Object.keys(storage).filter((key) => key.startsWith(start));
