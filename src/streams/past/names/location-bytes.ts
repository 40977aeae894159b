/** The bytes of what lies at a location of a frame. */
import { bytesOfInteger, integerOf } from "../../../machine/little-endian.js";
import type { FrameReader, Location } from "./name-source.js";

/** What a program's largest variable may have. */
export const MAX_VALUE_BYTES = 1 << 20;

/** Undefined: not mapped, or not known. */
export function bytesAt(location: Location, bytes: number, frame: FrameReader): Uint8Array | undefined {
  if (bytes > MAX_VALUE_BYTES) return undefined;
  switch (location.kind) {
    case "memory":
      return frame.read(location.address, bytes);
    case "register": {
      const value = frame.register(location.register);
      return value === undefined ? undefined : bytesOfInteger(value, bytes);
    }
    case "value":
      return bytesOfInteger(location.value, bytes);
    case "pieces": {
      const all = new Uint8Array(bytes);
      let at = 0;
      for (const piece of location.pieces) {
        const part = piece.at === undefined ? undefined : bytesAt(piece.at, piece.bytes, frame);
        if (part === undefined) return undefined;
        all.set(part.subarray(0, Math.max(0, bytes - at)), Math.min(at, bytes));
        at += piece.bytes;
      }
      return all;
    }
  }
}

/** With the sign of its type. */
export const signedOf = (bytes: Uint8Array, isSigned: boolean): bigint =>
  isSigned ? BigInt.asIntN(8 * bytes.length, integerOf(bytes)) : integerOf(bytes);

/** Of a bit field: `offset` from the lowest bit of the bytes on. */
export const bitsOf = (
  bytes: Uint8Array,
  { offset, width }: { readonly offset: number; readonly width: number },
  isSigned: boolean,
): bigint => {
  const value = integerOf(bytes) >> BigInt(offset);
  return isSigned ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
};
