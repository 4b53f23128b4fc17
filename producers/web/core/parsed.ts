/** What a JSON text says; null where it is none: storage is open to every script of the page. */
export function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text!);
  } catch {
    return null;
  }
}
