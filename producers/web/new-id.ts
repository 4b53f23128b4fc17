/** Random enough to be nobody else's, also where pages are not served securely and randomUUID is missing. */
export const newId = (): string => crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join("-");
