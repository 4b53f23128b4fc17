// Bounds of a usable event. Beyond them it is a dead letter in the stream, so whoever takes events from outside holds them to the same.

/** Times outside these years are a broken clock, not a late event; ms UTC. */
export const EARLIEST = Date.UTC(2000, 0, 1);
export const LATEST = Date.UTC(2100, 0, 1);
/** How far a time may lie past its record's own time, ms. */
export const FUTURE_MS = 60_000;
/** Ten-thousandths: 100 billion units. Sums of many stay exact in a double. */
export const GREATEST_AMOUNT = 1e15;
/** ISO 4217, by its form. */
export const CURRENCY = /^[A-Z]{3}$/;
