// Bounds of a usable event. Beyond them it is a dead letter in the stream, so whoever takes events from outside holds them to the same.

/** Times outside these years are a broken clock, not a late event; ms UTC. */
export const EARLIEST = Date.UTC(2000, 0, 1);
export const LATEST = Date.UTC(2100, 0, 1);
/** How far a time may lie past its record's own time, ms. */
export const FUTURE_MS = 60_000;
/** Ten-thousandths: 10 billion units, of any currency. 45 of them in one minute are summed exactly. */
export const GREATEST_AMOUNT = 1e14;
/** Letters (UTF-16) of an id, or of a word that figures are cut by. */
export const LONGEST_WORD = 1000;
/** A rate is for one euro: above 0, below this. */
export const GREATEST_RATE = 1e7;
/** ISO 4217, by its form. */
export const CURRENCY = /^[A-Z]{3}$/;
