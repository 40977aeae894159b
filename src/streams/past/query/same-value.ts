/** Whether two values of plain data are the same. */
export function isSameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) return isSameView(a, b);
  if (a instanceof Map && b instanceof Map) return isSameValue([...a], [...b]);
  if (a instanceof Set && b instanceof Set) return isSameValue([...a], [...b]);
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every(
    (name) =>
      Object.hasOwn(b, name) && isSameValue((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]),
  );
}

function isSameView(a: ArrayBufferView, b: ArrayBufferView): boolean {
  if (a.byteLength !== b.byteLength) return false;
  const [ours, theirs] = [bytesOf(a), bytesOf(b)];
  return ours.every((byte, index) => byte === theirs[index]);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
