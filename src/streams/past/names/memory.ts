/** Memory of a guest as names mean it: what a program calls by an address, whatever a hart does at the moment. */
import {
  hartOf,
  physicalAddressOf,
  readMemory as readPhysical,
  seenBy,
  type Inspected,
} from "../../../machine/inspect.js";
import { DRAM_BASE, MEMORY_MAP } from "../../../machine/memory-map.js";
import { MAX_MEMORY_BYTES } from "../../../reducers/machine-config.js";

const PAGE_BYTES = 4096;
const { base: ROM_BASE, sizeBytes: ROM_BYTES } = MEMORY_MAP.mrom;

/** A part of memory that is physically in one piece. */
export interface PhysicalPart {
  readonly address: number;
  readonly bytes: number;
}

/**
 * Where in RAM or ROM an address is. It is physical where RAM can be: no kernel or program maps its own memory there.
 * Else it is as the hart sees it, also where it is in M mode; else as any other hart does. Undefined: nowhere.
 *
 * @param seenFrom Asked where that takes a page table.
 */
export function physicalIn(seenFrom: () => Inspected, address: bigint): number | undefined {
  if (isMemory(address, MAX_MEMORY_BYTES)) return Number(address);
  const state = seenFrom();
  for (const hart of [hartOf(state), ...state.harts.keys()]) {
    const physical = physicalAddressOf(seenBy(state, hart), address);
    if (physical !== undefined && isMemory(physical, state.ram.byteLength)) return Number(physical);
  }
  return undefined;
}

/** The pages of a range of addresses; undefined where one of them is nowhere. */
export function physicalParts(
  seenFrom: () => Inspected,
  address: bigint,
  bytes: number,
): readonly PhysicalPart[] | undefined {
  const parts: PhysicalPart[] = [];
  for (let at = 0; at < bytes;) {
    const virtual = BigInt.asUintN(64, address + BigInt(at));
    const part = Math.min(bytes - at, PAGE_BYTES - Number(virtual % BigInt(PAGE_BYTES)));
    const physical = physicalIn(seenFrom, virtual);
    if (physical === undefined) return undefined;
    parts.push({ address: physical, bytes: part });
    at += part;
  }
  return parts;
}

/** Undefined: part of it is nowhere. */
export function readMemory(at: Inspected, address: bigint, bytes: number): Uint8Array | undefined {
  const parts = physicalParts(() => at, address, bytes);
  if (parts === undefined) return undefined;
  const read = new Uint8Array(bytes);
  let filled = 0;
  for (const part of parts) {
    const from = readPhysical(at, BigInt(part.address), part.bytes);
    if (from === undefined) return undefined;
    read.set(from, filled);
    filled += part.bytes;
  }
  return read;
}

const isMemory = (physical: bigint, ramBytes: number): boolean =>
  isWithin(physical, DRAM_BASE, ramBytes) || isWithin(physical, ROM_BASE, ROM_BYTES);

const isWithin = (address: bigint, base: number, bytes: number): boolean =>
  address >= BigInt(base) && address < BigInt(base + bytes);
