/** Guest RAM as a device sees it: physical addresses of any value, little-endian. */
import type { Carried } from "../engine/carried.js";

export interface GuestMemory {
  /** Whether a range of at least one byte is RAM. Reads nothing. */
  has(address: bigint, length: number): boolean;
  /**
   * The bytes, possibly as a view that is valid until the next write; undefined unless all of them are RAM. `to`: where
   * they go as they are.
   */
  read(address: bigint, length: number, to?: Carried): Uint8Array | undefined;
  /** Writes all bytes. Writes none and returns false unless all of them are RAM. `from`: where they come from. */
  write(address: bigint, bytes: Uint8Array, from?: Carried): boolean;
}

export const readU16 = (memory: GuestMemory, address: bigint): number | undefined => {
  const bytes = memory.read(address, 2);
  return bytes === undefined ? undefined : (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
};

export const writeU16 = (memory: GuestMemory, address: bigint, value: number): boolean =>
  memory.write(address, Uint8Array.of(value & 0xff, (value >> 8) & 0xff));
