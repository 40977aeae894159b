/** The Internet checksum (RFC 1071). */

/** Sums the parts as one sequence of bytes. Only the last part may have an odd length. */
export const internetChecksum = (...parts: readonly Uint8Array[]): number => {
  let sum = 0;
  for (const part of parts) {
    const even = part.length & ~1;
    for (let at = 0; at < even; at += 2) sum += ((part[at] ?? 0) << 8) | (part[at + 1] ?? 0);
    if (even < part.length) sum += (part[even] ?? 0) << 8;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return ~sum & 0xffff;
};

/** The pseudo-header, which UDP and TCP checksum before their own bytes (RFC 9293 §3.1). */
export const pseudoHeader = (
  source: Uint8Array,
  destination: Uint8Array,
  protocol: number,
  length: number,
): Uint8Array => Uint8Array.of(...source, ...destination, 0, protocol, length >> 8, length & 0xff);
