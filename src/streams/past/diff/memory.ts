/** In what the memories of two states differ: by the names of symbols and their members, else by addresses. */
import { integerOf } from "../../../machine/little-endian.js";
import { DRAM_BASE } from "../../../machine/memory-map.js";
import { RAM_PAGE_BYTES, type Ram } from "../../../machine/ram.js";
import type { MachineState } from "../../../machine/state.js";
import { hexAddress } from "../../../reducers/hex.js";
import { plainBytes, type Difference } from "./difference.js";
import { leavesWithin } from "./leaves.js";
import type { Extent, MemoryNames } from "./memory-names.js";
import { differingPages, differingStretches, without, type Stretch } from "./ranges.js";

export interface MemoryScope {
  readonly names: MemoryNames;
  /** Physical addresses that are not looked at. */
  readonly holes: readonly Stretch[];
}

/** Only pages that are not the same are compared. */
export function* memoryDifferences(a: MachineState, b: MachineState, scope: MemoryScope): Generator<Difference> {
  if (a.ram === b.ram || (a.ram.digest === b.ram.digest && a.ram.pageCount === b.ram.pageCount)) return;
  for (const stretch of stretchesIn(a.ram, b.ram, scope.holes)) yield* named(stretch, a, b, scope);
}

/** Those on two neighbouring pages are one. */
function* stretchesIn(a: Ram, b: Ram, holes: readonly Stretch[]): Generator<Stretch> {
  const candidates =
    a.pageCount === b.pageCount ? a.difference(b) : new Array(Math.min(a.pageCount, b.pageCount)).keys();
  let open: Stretch | undefined;
  for (const index of differingPages(a, b, candidates)) {
    const base = DRAM_BASE + index * RAM_PAGE_BYTES;
    for (const { start, end } of differingStretches(a.page(index)?.bytes, b.page(index)?.bytes)) {
      const found = { start: base + start, end: base + end };
      if (open?.end === found.start) {
        open = { start: open.start, end: found.end };
        continue;
      }
      if (open !== undefined) yield* without(open, holes);
      open = found;
    }
  }
  if (open !== undefined) yield* without(open, holes);
}

function* named(stretch: Stretch, inA: MachineState, inB: MachineState, scope: MemoryScope): Generator<Difference> {
  const [a, b] = [inA.ram, inB.ram];
  for (const { extent, ...piece } of scope.names.pieces(stretch, inA)) {
    const found = extent === undefined ? undefined : [...membersIn(piece, extent, a, b, scope)];
    if (found !== undefined && found.length > 0) yield* found;
    else if (differs(piece, a, b)) yield bytesRow(piece, extent, a, b);
  }
}

const at = (ram: Ram, { start, end }: Stretch): Uint8Array => ram.read(start - DRAM_BASE, end - start);

const differs = (piece: Stretch, a: Ram, b: Ram): boolean => {
  const [ours, theirs] = [at(a, piece), at(b, piece)];
  return ours.some((byte, index) => byte !== theirs[index]);
};

/** A small symbol is a number; of anything else some bytes are shown. */
function bytesRow(piece: Stretch, extent: Extent | undefined, a: Ram, b: Ram): Difference {
  const { start, end } = piece;
  const bytes = end - start;
  const common = { kind: "memory", address: start, bytes } as const;
  if (extent === undefined) {
    const name = `${hexAddress(start)}:${String(bytes)}`;
    return Object.freeze({ ...common, name, a: plainBytes(at(a, piece)), b: plainBytes(at(b, piece)) });
  }
  const { symbol } = extent;
  const offset = extent.offset + start - extent.start;
  if ([1n, 2n, 4n, 8n].includes(symbol.sizeBytes) && extent.end - extent.start === Number(symbol.sizeBytes)) {
    const [inA, inB] = [numberAt(a, extent), numberAt(b, extent)];
    return Object.freeze({ ...common, name: symbol.name, a: inA, b: inB });
  }
  const name = `${symbol.name}${offset === 0 ? "" : `+${hexAddress(offset)}`}:${String(bytes)}`;
  return Object.freeze({ ...common, name, a: plainBytes(at(a, piece)), b: plainBytes(at(b, piece)) });
}

const numberAt = (ram: Ram, place: Stretch): bigint => integerOf(at(ram, place));

/** By the type of the variable that lies there, as far as its bytes are in one piece. */
function* membersIn(piece: Stretch, extent: Extent, a: Ram, b: Ram, { names }: MemoryScope): Generator<Difference> {
  const { symbol } = extent;
  const type = names.typeOf(symbol);
  if (type === undefined) return;
  const base = extent.start - extent.offset;
  const whole = { start: base, end: base + Number(symbol.sizeBytes) };
  if (base < DRAM_BASE || whole.end > DRAM_BASE + Math.min(a.byteLength, b.byteLength)) return;
  const [inA, inB] = [at(a, whole), at(b, whole)];
  for (const leaf of leavesWithin(type, piece.start - base, piece.end - base)) {
    const [start, end] = [leaf.offset, leaf.offset + leaf.bytes];
    if (end > inA.length || inA.subarray(start, end).every((byte, index) => byte === inB[start + index])) continue;
    const common = { kind: "memory", address: base + leaf.offset, bytes: leaf.bytes } as const;
    yield Object.freeze({ ...common, name: `${symbol.name}${leaf.path}`, a: leaf.read(inA), b: leaf.read(inB) });
  }
}
