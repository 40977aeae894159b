/** A state in which memory or registers are otherwise. */
import { PageDigester } from "../../../machine/digest/page-digest.js";
import { xxh64 } from "../../../machine/digest/xxh64.js";
import { canonicalBytes } from "../../../machine/canonical.js";
import type { HartField } from "../../../machine/hart/fields.js";
import type { HartState } from "../../../machine/hart/registers.js";
import { DRAM_BASE } from "../../../machine/memory-map.js";
import { RAM_PAGE_BYTES, type Ram, type RamPage } from "../../../machine/ram.js";
import type { MachineState } from "../../../machine/state.js";
import type { Names } from "../names/names.js";
import { locateInMemory, physicalRanges, type Place } from "../names/place.js";
import { findRegister, type Register } from "../names/registers.js";
import { hexAddress } from "../../../reducers/hex.js";
import { BranchError } from "./branch-error.js";

export interface Patch {
  /** Memory, or a register of a hart by its name: `a0`, `x10`, `fa0`, `pc`, or one of `PATCHED_CSRS`. */
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
  if (register !== undefined) return withRegister(state, hart, register, value);
  const { address, bytes } = locateInMemory(place, { names, at: state, isGlobal: true });
  const name = nameOf(place);
  const data = value instanceof Uint8Array ? value : littleEndian(BigInt(value), bytes, name);
  const ranges = physicalRanges({ address, bytes: data.length }, () => state);
  let at = 0;
  let { ram } = state;
  for (const range of ranges) {
    const offset = range.address - DRAM_BASE;
    if (offset < 0 || offset + range.bytes > ram.byteLength) throw invalid(`${name} is not in RAM`);
    ram = withBytes(ram, offset, data.subarray(at, at + range.bytes));
    at += range.bytes;
  }
  return { ...state, ram };
}

/** Those that hold whatever is put there. Others have rules that a patch would break. */
export const PATCHED_CSRS = [
  "mscratch",
  "sscratch",
  "mcause",
  "scause",
  "mtval",
  "stval",
] as const satisfies HartField[];

function withRegister(state: MachineState, hart: number, register: Register, value: Patch["value"]): MachineState {
  const before = state.harts[hart];
  if (before === undefined)
    throw invalid(`there is no hart ${String(hart)}; the machine has ${String(state.harts.length)}`);
  if (value instanceof Uint8Array) throw invalid("a register takes a number, not bytes");
  const after = setRegister(before, register, BigInt.asUintN(64, BigInt(value)));
  return { ...state, harts: state.harts.with(hart, after) };
}

function setRegister(hart: HartState, register: Register, value: bigint): HartState {
  switch (register.kind) {
    case "x":
    case "f":
      if (register.kind === "x" && register.index === 0) throw invalid("x0 is always 0");
      return { ...hart, [register.kind]: hart[register.kind].with(register.index, value) };
    case "pc":
      if ((value & 1n) !== 0n) throw invalid("pc is an even address");
      return { ...hart, fields: { ...hart.fields, pc: value } };
    case "csr": {
      const field = PATCHED_CSRS.find((name) => name === register.name);
      if (field === undefined)
        throw invalid(`${register.name} can't be patched; of CSRs, ${PATCHED_CSRS.join(", ")} can`);
      return { ...hart, fields: { ...hart.fields, [field]: value } };
    }
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

function withBytes(ram: Ram, offset: number, bytes: Uint8Array): Ram {
  const pages: [number, RamPage | undefined][] = [];
  const digester = (digesting ??= new PageDigester());
  for (let at = 0; at < bytes.length;) {
    const index = Math.floor((offset + at) / RAM_PAGE_BYTES);
    const start = (offset + at) % RAM_PAGE_BYTES;
    const part = bytes.subarray(at, at + RAM_PAGE_BYTES - start);
    const page = Uint8Array.from(ram.page(index)?.bytes ?? new Uint8Array(RAM_PAGE_BYTES));
    page.set(part, start);
    const digest = digester.of(page, index);
    pages.push([index, digest === 0n ? undefined : { bytes: page, digest }]);
    at += part.length;
  }
  return ram.with(pages);
}

let digesting: PageDigester | undefined;

const invalid = (why: string): BranchError => new BranchError("INVALID_PATCH", why);
