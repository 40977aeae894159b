/**
 * The 64-bit hash of a whole state, by which record and replay are compared: XXH64 of all but RAM, seeded with RAM's
 * digest.
 */
import { check } from "../options/check.js";
import { exactly } from "../options/codecs.js";
import { aState } from "../options/parts.js";
import { Canonical, canonicalBytes } from "./canonical.js";
import { xxh64 } from "./digest/xxh64.js";
import type { MachineState } from "./state.js";

export type HashedState = Omit<MachineState, "ram" | "rom"> & { readonly ramDigest: bigint };

/**
 * Not hashed: ROM and the initial content of disks. They follow from the images, whose digests the recording holds. A
 * machine without disks keeps the hash that it had in versions without disks, and one of a single hart that of versions
 * without a schedule.
 */
export function hashState({ position, ramDigest, disks, config, platform, schedule, ...rest }: HashedState): bigint {
  const written =
    disks.length === 0 ? {} : { disks: disks.map(({ overlay, ...disk }) => ({ ...disk, overlay: overlay.digest })) };
  const slices = Object.entries<object>(platform).map(([name, slice]): [string, unknown] => [
    name,
    Array.isArray(slice) ? slice.map(kept) : kept(slice),
  ]);
  const state = {
    icount: position.icount,
    ...written,
    ...(config.harts === 1 ? {} : { schedule }),
    ...rest,
    config: kept(config),
    platform: Object.fromEntries(slices),
  };
  return xxh64(canonicalBytes(state), ramDigest);
}

/** Slices are immutable, and most stay the same from one hash to the next. */
const kept = (slice: object): Canonical => {
  let canonical = keptSlices.get(slice);
  if (canonical === undefined) keptSlices.set(slice, (canonical = new Canonical(slice)));
  return canonical;
};
const keptSlices = new WeakMap<object, Canonical>();

const STATE = exactly<{ readonly state: MachineState }>({ state: aState });

/** @throws {OptionError} */
export const hashOfState = (state: MachineState): bigint => {
  check("hashOfState", STATE, { state });
  const { ram, rom: _rom, ...rest } = state;
  return hashState({ ...rest, ramDigest: ram.digest });
};
