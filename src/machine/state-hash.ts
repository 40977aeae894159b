/** The 64-bit hash of a whole state, by which record and replay are compared. */
import { Canonical, canonicalBytes } from "./canonical.js";
import type { MachineState } from "./state.js";

export type HashedState = Omit<MachineState, "ram" | "rom"> & { readonly ramDigest: bigint };

/**
 * ROM is a function of the images, whose digests the recording holds; so is what disks held at the start. A machine
 * without disks has the hash that it had before there were any.
 */
export function hashState({ position, ramDigest, disks, config, platform, ...rest }: HashedState): bigint {
  const written =
    disks.length === 0 ? {} : { disks: disks.map(({ overlay, ...disk }) => ({ ...disk, overlay: overlay.digest })) };
  const slices = Object.entries<object>(platform).map(([name, slice]): [string, unknown] => [
    name,
    Array.isArray(slice) ? slice.map(kept) : kept(slice),
  ]);
  const state = {
    icount: position.icount,
    ...written,
    ...rest,
    config: kept(config),
    platform: Object.fromEntries(slices),
  };
  return mix(canonicalBytes(state), ramDigest);
}

/** Slices are immutable, and from one hash to the next most are the same. */
const kept = (slice: object): Canonical => {
  let canonical = keptSlices.get(slice);
  if (canonical === undefined) keptSlices.set(slice, (canonical = new Canonical(slice)));
  return canonical;
};
const keptSlices = new WeakMap<object, Canonical>();

export const hashOfState = (state: MachineState): bigint => {
  const { ram, rom: _rom, ...rest } = state;
  return hashState({ ...rest, ramDigest: ram.digest });
};

/** Two lanes of MurmurHash3's 32-bit round, seeded with the RAM's digest. */
export function mix(bytes: Uint8Array, seed: bigint): bigint {
  let low = Number(seed & 0xffff_ffffn) | 0;
  let high = Number(seed >> 32n) | 0;
  // By index: most hashes are over before V8 has optimised this.
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
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
