// Values as SQL literals, for lists that are too long for query parameters (those travel in the URL).

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "'": "\\'", "\0": "\\0", "\n": "\\n", "\r": "\\r" };

/** A text as a ClickHouse string literal. */
export const text = (value: string): string => `'${value.replace(/[\\'\0\n\r]/g, (char) => ESCAPES[char]!)}'`;

/** ms since 1970 as a text that compares with a DateTime64(3, 'UTC'): far cheaper in long lists than a function call each. */
export const instant = (ms: number): string => `'${new Date(ms).toISOString().slice(0, -1).replace("T", " ")}'`;

/** A list for IN (...). */
export const list = (values: Iterable<string>): string => `(${[...values].join(", ")})`;
