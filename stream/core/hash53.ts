// A 53-bit hash of an id: exact in a double and in a UInt64 column, so that it needs no BigInt on the hot path.
// Two ids of one session collide with probability n²/2⁵⁴: 10⁻⁸ for a session of ten thousand events.
// Two lanes of 32-bit multiply-and-rotate (the mixing step of MurmurHash3, Appleby, public domain), finalised and joined.

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

function finalise(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Hash of a text's UTF-16 code units, an integer in [0, 2⁵³). */
export function hash53(text: string): number {
  let a = 0x9747b28c;
  let b = 0x3c6ef372;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ Math.imul(unit, C1), 0x1b873593);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ Math.imul(unit, C2), 0xcc9e2d51);
    b = (b << 15) | (b >>> 17);
  }
  const low = finalise(a ^ text.length);
  const high = finalise(b + low) >>> 11;
  return high * 4294967296 + low;
}

/** Hash of bytes, for the identity of a record. */
export function hashBytes(bytes: Buffer): number {
  return hash53(bytes.toString("latin1"));
}
