/** Where a pattern occurs in bytes: Horspool's search, which looks at few of them. */

/** Its first occurrence at `from` or behind it; -1: none. At most 255 bytes are looked for. */
export function findBytes(bytes: Uint8Array, pattern: Uint8Array, from: number): number {
  const last = pattern.length - 1;
  const skips = new Uint8Array(256).fill(pattern.length);
  for (let index = 0; index < last; index += 1) skips[pattern[index] ?? 0] = last - index;
  for (let end = from + last; end < bytes.length; end += skips[bytes[end] ?? 0] ?? 1) {
    let index = last;
    while (index >= 0 && bytes[end - last + index] === pattern[index]) index -= 1;
    if (index < 0) return end - last;
  }
  return -1;
}
