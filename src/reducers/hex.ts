/** Numbers and bytes in hexadecimal, always in lower-case digits. */

/** Pads to `digits`. The caller must make a negative value unsigned first. */
export const hex = (value: number | bigint, digits = 1): string => value.toString(16).padStart(digits, "0");

/** An address, with the prefix 0x. */
export const hexAddress = (value: number | bigint, digits = 1): string => `0x${hex(value, digits)}`;

/** A hash, a register or an address, modulo 2^64: all sixteen digits. */
export const hex64 = (value: number | bigint): string => hex(BigInt.asUintN(64, BigInt(value)), 16);

/** Two digits per byte. */
export const hexOfBytes = (bytes: Iterable<number>, separator = ""): string =>
  Array.from(bytes, (byte) => hex(byte, 2)).join(separator);

/** The inverse of `hexOfBytes`. */
export const bytesOfHex = (digits: string): Uint8Array =>
  Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
