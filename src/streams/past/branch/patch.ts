/** A state in which memory or registers are otherwise. */
import { xxh64 } from "../../../machine/digest/xxh64.js";
import { canonicalBytes } from "../../../machine/canonical.js";
import { findRegister } from "../../../machine/named-registers.js";
import type { MachineState } from "../../../machine/state.js";
import { NotWritableError, withMemory, withRegister } from "../../../machine/written-state.js";
import type { Names } from "../names/names.js";
import { locateInMemory, physicalRanges, type Place } from "../names/place.js";
import { hexAddress } from "../../../reducers/hex.js";
import { BranchError } from "./branch-error.js";

export interface Patch {
  /** Memory, or a register of a hart by its name: `a0`, `x10`, `fa0`, `pc`, `mscratch`. */
  readonly place: Place;
  /** A number is stored little-endian in the place's width; bytes as they are. */
  readonly value: bigint | number | Uint8Array;
  /** Whose register. Default: that of the hart whose turn it is. */
  readonly hart?: number | undefined;
}

/** How many patches a branch may have. */
export const MAX_PATCHES = 4096;

/** @throws {BranchError} INVALID_PATCH @throws {PlaceError} */
export function patched(state: MachineState, patches: readonly Patch[], names: Names): MachineState {
  if (patches.length > MAX_PATCHES) throw invalid(`${String(patches.length)} patches; at most ${String(MAX_PATCHES)}`);
  const after = patches.reduce((before, patch) => withPatch(before, patch, names), state);
  // What was changed belongs to the history, so that no other run has this state's hash.
  return { ...after, history: xxh64(canonicalBytes(patches.map(plain)), state.history) };
}

/** As it is told and digested. */
const plain = ({ place, value, hart }: Patch): unknown => ({
  ...(hart === undefined ? {} : { hart }),
  place: nameOf(place),
  value: value instanceof Uint8Array ? value : BigInt(value),
});

const nameOf = (place: Place): string => {
  if (typeof place === "string") return place;
  if (typeof place !== "object") return hexAddress(place);
  return `${hexAddress(place.address)}${place.bytes === undefined ? "" : `:${String(place.bytes)}`}`;
};

function withPatch(state: MachineState, patch: Patch, names: Names): MachineState {
  const { place, value, hart = state.schedule.hart } = patch;
  const register = typeof place === "string" ? findRegister(place.replace(/^\$/, "")) : undefined;
  if (register !== undefined) {
    if (value instanceof Uint8Array) throw invalid("a register takes a number, not bytes");
    return written(nameOf(place), () => withRegister(state, hart, register, BigInt.asUintN(64, BigInt(value))));
  }
  const { address, bytes } = locateInMemory(place, { names, at: state, isGlobal: true });
  const name = nameOf(place);
  const data = value instanceof Uint8Array ? value : littleEndian(BigInt(value), bytes, name);
  const ranges = physicalRanges({ address, bytes: data.length }, () => state);
  let at = 0;
  return ranges.reduce((before, range) => {
    const part = data.subarray(at, (at += range.bytes));
    return written(name, () => withMemory(before, range.address, part));
  }, state);
}

/** @throws {BranchError} */
function written(name: string, write: () => MachineState): MachineState {
  try {
    return write();
  } catch (fault) {
    if (fault instanceof NotWritableError) throw invalid(`${name}: ${fault.message}`);
    throw fault;
  }
}

function littleEndian(value: bigint, bytes: number, place: string): Uint8Array {
  const bits = BigInt(bytes * 8);
  if (value >= 1n << bits || value < -(1n << (bits - 1n)))
    throw invalid(
      `${String(value)} does not fit into the ${String(bytes)} bytes of ${place}; ${widened(bytes, place)}`,
    );
  return Uint8Array.from({ length: bytes }, (_, index) => Number(BigInt.asUintN(8, value >> BigInt(index * 8))));
}

const widened = (bytes: number, place: string): string =>
  bytes < 8 ? `name a width, as in ${place.replace(/:\d+$/, "")}:8` : "of more than 8, give the bytes themselves";

const invalid = (why: string): BranchError => new BranchError("INVALID_PATCH", why);
