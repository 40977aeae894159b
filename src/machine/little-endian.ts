/** Integers as memory has them: the lowest byte first. */

/** Unsigned. */
export function integerOf(bytes: Uint8Array): bigint {
  let value = 0n;
  // Four bytes at a time, because most accesses have four or eight.
  for (let at = bytes.length; at > 0;) {
    const some = Math.min(at % 4 === 0 ? 4 : at % 4, at);
    let part = 0;
    for (let index = at - 1; index >= at - some; index -= 1) part = part * 256 + (bytes[index] ?? 0);
    value = (value << BigInt(8 * some)) | BigInt(part);
    at -= some;
  }
  return value;
}

/** As many bytes, from the lowest on. */
export function bytesOfInteger(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let at = 0; at < length; at += 1) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}
