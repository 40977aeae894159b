/** Numbers and bytes in hexadecimal: lower-case digits, everywhere the same. */

/** At least so many digits. A value that is negative must be made unsigned first. */
export const hex = (value: number | bigint, digits = 1): string => value.toString(16).padStart(digits, "0");

/** As an address is written: with 0x in front. */
export const hexAddress = (value: number | bigint, digits = 1): string => `0x${hex(value, digits)}`;

/** A hash, a register or an address, modulo 2^64: all sixteen digits. */
export const hex64 = (value: number | bigint): string => hex(BigInt.asUintN(64, BigInt(value)), 16);

/** Two digits a byte. */
export const hexOfBytes = (bytes: Iterable<number>, separator = ""): string =>
  Array.from(bytes, (byte) => hex(byte, 2)).join(separator);

/** What `hexOfBytes` made, without separator. */
export const bytesOfHex = (digits: string): Uint8Array =>
  Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
