// Hashes of ids, straight from their UTF-8 bytes. Two lanes of 32-bit multiply-and-rotate (the mixing step of MurmurHash3,
// Appleby, public domain), finalised and joined.

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

function finalise(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * An integer in [0, 2⁵³): exact in a double and in a UInt64 column, so that it needs no BigInt on the hot path.
 * Two ids of one session collide with probability n²/2⁵⁴: 10⁻⁸ for a session of ten thousand events.
 */
export function hash53(bytes: Uint8Array, at: number, end: number): number {
  let a = 0x9747b28c;
  let b = 0x3c6ef372;
  for (let i = at; i < end; i++) {
    const unit = bytes[i]!;
    a = Math.imul(a ^ Math.imul(unit, C1), C2);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ Math.imul(unit, C2), C1);
    b = (b << 15) | (b >>> 17);
  }
  const low = finalise(a ^ (end - at));
  const high = finalise(b + low) >>> 11;
  return high * 4294967296 + low;
}

export function hash53Of(text: string): number {
  const bytes = Buffer.from(text);
  return hash53(bytes, 0, bytes.length);
}

/** A small integer for a hash table, which compares what it finds. */
export function hash32(bytes: Uint8Array, at: number, end: number): number {
  let a = 0x9747b28c;
  for (let i = at; i < end; i++) {
    a = Math.imul(a ^ bytes[i]!, C1);
    a = (a << 13) | (a >>> 19);
  }
  return (a ^ (a >>> 16)) | 0;
}
