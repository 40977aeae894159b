/** The 64-bit hash of a whole state, by which record and replay are compared. */
import { canonicalBytes } from "./canonical.js";
import type { MachineState } from "./state.js";

export type HashedState = Omit<MachineState, "ram" | "rom"> & { readonly ramDigest: bigint };

/**
 * ROM is a function of the images, whose digests the recording holds; so is what disks held at the start. A machine
 * without disks has the hash that it had before there were any.
 */
export function hashState({ position, ramDigest, disks, ...rest }: HashedState): bigint {
  const written =
    disks.length === 0 ? {} : { disks: disks.map(({ overlay, ...disk }) => ({ ...disk, overlay: overlay.digest })) };
  return mix(canonicalBytes({ icount: position.icount, ...written, ...rest }), ramDigest);
}

export const hashOfState = (state: MachineState): bigint => {
  const { ram, rom: _rom, ...rest } = state;
  return hashState({ ...rest, ramDigest: ram.digest });
};

/** Two lanes of MurmurHash3's 32-bit round, seeded with the RAM's digest. */
export function mix(bytes: Uint8Array, seed: bigint): bigint {
  let low = Number(seed & 0xffff_ffffn) | 0;
  let high = Number(seed >> 32n) | 0;
  for (const byte of bytes) {
    low = Math.imul(low ^ byte, 0x9e37_79b1);
    low = (low << 15) | (low >>> 17);
    high = Math.imul(high ^ byte, 0x85eb_ca6b);
    high = (high << 13) | (high >>> 19);
  }
  low = avalanche(low ^ bytes.length ^ high);
  high = avalanche(high ^ low);
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

function avalanche(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
