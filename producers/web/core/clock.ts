// What to add to a device's clock so that it agrees with the collector's.

/** A smaller difference is none: it may be the way of the answer, and nobody's figures need more. */
const TOLERANCE_MS = 5000;

/**
 * The offset, given an answer that says `server`. Sent and received are by the device's own clock; the answer was made between
 * them, so half of the way is how wrong the estimate may be (Cristian's algorithm). Unchanged where the two agree within that.
 */
export function corrected(offset: number, sent: number, received: number, server: number): number {
  const found = server - (sent + received) / 2;
  const error = Math.abs(received - sent) / 2; // a clock that was set meanwhile proves nothing
  return Math.abs(found - offset) > TOLERANCE_MS + error ? Math.round(found) : offset;
}
