/** The bytes of what lies at a location of a frame. */
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

const bytesOfInteger = (value: bigint, bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));

/** Little-endian. */
export const integerOf = (bytes: Uint8Array, isSigned = false): bigint => {
  const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return isSigned ? BigInt.asIntN(8 * bytes.length, value) : value;
};

/** Of a bit field: `offset` from the lowest bit of the bytes on. */
export const bitsOf = (
  bytes: Uint8Array,
  { offset, width }: { readonly offset: number; readonly width: number },
  isSigned: boolean,
): bigint => {
  const value = integerOf(bytes) >> BigInt(offset);
  return isSigned ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
};
