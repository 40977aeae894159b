/** Places of a guest as people name them: a symbol, or an address, with a width. */
import type { MemoryRange } from "../../../machine/engine/probes.js";
import { hartOf, seenBy, physicalAddressOf } from "../../../machine/inspect.js";
import type { MachineState } from "../../../machine/state.js";
import { DRAM_BASE, MEMORY_MAP } from "../../../machine/memory-map.js";
import type { Symbol } from "../../../machine/symbol-table.js";
import { MAX_MEMORY_BYTES } from "../../../reducers/machine-config.js";
import { nearestWords, orList } from "../../../options/nearest.js";
import { hexAddress } from "../../../reducers/hex.js";

/** A place that is not there, or that may be one of several. */
export class PlaceError extends Error {
  override readonly name = "PlaceError";

  constructor(
    readonly code: "NO_SUCH_NAME" | "AMBIGUOUS_NAME" | "NOT_MAPPED" | "NOT_A_PLACE",
    message: string,
  ) {
    super(message);
  }
}

/**
 * `name`, `name+offset`, an address, or one of them with `:width` in bytes. An address is physical where RAM is, and
 * else as the hart sees it.
 */
export type Place = string | bigint | number | { readonly address: bigint | number; readonly bytes?: number };

interface Parsed {
  readonly address: bigint;
  readonly bytes: number;
}

const DEFAULT_BYTES = 8;
export const MAX_PLACE_BYTES = 2 ** 20;
const PLACE =
  /^(?:(?<number>0[xX][0-9a-fA-F]+|\d+)|(?<name>[^\s:+]+))(?:\+(?<offset>0[xX][0-9a-fA-F]+|\d+))?(?::(?<width>\d+))?$/;

/** @throws {PlaceError} */
export function parsePlace(place: Place, symbols: readonly Symbol[]): Parsed {
  if (typeof place === "bigint" || typeof place === "number")
    return checked(BigInt(place), DEFAULT_BYTES, String(place));
  if (typeof place !== "string")
    return checked(BigInt(place.address), place.bytes ?? DEFAULT_BYTES, hexAddress(place.address));
  const { number, name = "", offset = "0", width } = PLACE.exec(place)?.groups ?? {};
  if (number !== undefined) {
    return checked(BigInt(number) + BigInt(offset), width === undefined ? DEFAULT_BYTES : Number(width), place);
  }
  if (name === "") throw notAPlace(place);
  const { address, sizeBytes } = symbolNamed(name, symbols);
  const own = sizeBytes === 0n ? DEFAULT_BYTES : Number(sizeBytes);
  return checked(address + BigInt(offset), width === undefined ? own - Number(offset) : Number(width), place);
}

/** @throws {PlaceError} where none has the name, or several have */
export function symbolNamed(name: string, symbols: readonly Symbol[]): Symbol {
  const found = symbols.filter((symbol) => symbol.name === name);
  const addresses = [...new Set(found.map(({ address }) => address))];
  const [symbol] = found;
  if (symbol === undefined) {
    const near = nearestWords(
      name,
      symbols.map((other) => other.name),
    );
    const meant =
      near.length === 0 ? "the recording's images have no symbols: give --symbols" : `near it: ${orList(near)}`;
    throw new PlaceError("NO_SUCH_NAME", `no symbol is called ${name}; ${meant}`);
  }
  if (addresses.length > 1) {
    const where = orList(addresses.map((address) => hexAddress(address)));
    throw new PlaceError("AMBIGUOUS_NAME", `${name} may be at ${where}: give the address`);
  }
  return found.find(({ sizeBytes }) => sizeBytes > 0n) ?? symbol;
}

const checked = (address: bigint, bytes: number, place: string): Parsed => {
  if (address < 0n || !Number.isSafeInteger(bytes) || bytes < 1 || bytes > MAX_PLACE_BYTES) throw notAPlace(place);
  return { address: BigInt.asUintN(64, address), bytes };
};

const notAPlace = (place: string): PlaceError =>
  new PlaceError(
    "NOT_A_PLACE",
    `${JSON.stringify(place)} is no place: give a symbol or an address, with +offset or :width as in link.count, ` +
      `jiffies:8 or 0x80002ed8:4; at most ${String(MAX_PLACE_BYTES)} bytes`,
  );

/** Where the bytes lie in memory. `seenFrom` is asked where that takes a page table. @throws {PlaceError} NOT_MAPPED */
export function physicalRanges({ address, bytes }: Parsed, seenFrom: () => MachineState): readonly MemoryRange[] {
  const ranges: MemoryRange[] = [];
  for (let at = 0; at < bytes;) {
    const virtual = BigInt.asUintN(64, address + BigInt(at));
    const part = Math.min(bytes - at, PAGE_BYTES - Number(virtual % BigInt(PAGE_BYTES)));
    ranges.push({ address: physicalIn(seenFrom, virtual), bytes: part });
    at += part;
  }
  return ranges;
}

const PAGE_BYTES = 4096;
const { base: ROM_BASE, sizeBytes: ROM_BYTES } = MEMORY_MAP.mrom;

const isMemory = (physical: bigint, ramBytes: number): boolean =>
  isWithin(physical, DRAM_BASE, ramBytes) || isWithin(physical, ROM_BASE, ROM_BYTES);

const isWithin = (address: bigint, base: number, bytes: number): boolean =>
  address >= BigInt(base) && address < BigInt(base + bytes);

function physicalIn(seenFrom: () => MachineState, address: bigint): number {
  // Where no kernel or program maps its own memory.
  if (isMemory(address, MAX_MEMORY_BYTES)) return Number(address);
  const state = seenFrom();
  for (const hart of [hartOf(state), ...state.harts.keys()]) {
    const physical = physicalAddressOf(seenBy(state, hart), address);
    if (physical !== undefined && isMemory(physical, state.ram.byteLength)) return Number(physical);
  }
  throw new PlaceError(
    "NOT_MAPPED",
    `${hexAddress(address, 16)} is no memory, and no hart has it mapped to memory at icount ${String(state.position.icount)}`,
  );
}
