/** What physical memory is called: which symbol's bytes lie where, also where a kernel has mapped them. */
import { hartOf, physicalAddressOf, seenBy } from "../../../machine/inspect.js";
import { DRAM_BASE } from "../../../machine/memory-map.js";
import type { MachineState } from "../../../machine/state.js";
import { isCode, type Symbol } from "../../../machine/symbol-table.js";
import type { Names } from "../names/names.js";
import type { Type } from "../names/type.js";
import type { Stretch } from "./ranges.js";

/** Physical bytes of one symbol. */
export interface Extent extends Stretch {
  readonly symbol: Symbol;
  /** Of `start`, from the symbol's own. */
  readonly offset: number;
}

const PAGE_BYTES = 4096;
/** The reach of a symbol without a size. */
const FARTHEST_BYTES = 65_536;
/** A size that is no size: a damaged table can say anything. */
export const MAX_SYMBOL_BYTES = 2 ** 26;

export class MemoryNames {
  /** Before there are page tables, and with them. */
  private readonly sorted = new Map<boolean, readonly Extent[]>();

  constructor(private readonly names: Names) {}

  /** A stretch of physical memory, in pieces of one name or of none. `state`: its page tables are used. */
  *pieces({ start, end }: Stretch, state: MachineState): Generator<Stretch & { readonly extent: Extent | undefined }> {
    const extents = this.extents(state);
    let at = start;
    let index = Math.max(0, firstBehind(extents, start) - 1);
    while (at < end) {
      while (index < extents.length && (extents[index]?.end ?? 0) <= at) index += 1;
      const next = extents[index];
      const isIn = next !== undefined && next.start <= at;
      const until = Math.min(end, isIn ? next.end : (next?.start ?? end));
      yield { start: at, end: until, extent: isIn ? next : undefined };
      at = until;
    }
  }

  /** Of the variable that a symbol is; undefined: no source tells. */
  typeOf({ name }: Symbol): Type | undefined {
    return this.names.variable(name)?.type;
  }

  /** What a value points at, as `link+0x10`; undefined: at nothing that has a name. */
  of(address: bigint): string | undefined {
    const symbol = this.names.symbolAt(address);
    return symbol !== undefined && isOfMemory(symbol) ? this.names.of(address) : undefined;
  }

  private extents(state: MachineState): readonly Extent[] {
    const isPaged = state.harts.some(({ fields: { satp } }) => satp !== 0n);
    const known = this.sorted.get(isPaged);
    if (known !== undefined) return known;
    const extents = apart([...this.mapped(state)]);
    this.sorted.set(isPaged, extents);
    return extents;
  }

  private *mapped(state: MachineState): Generator<Extent> {
    const symbols = this.names
      .symbols()
      .filter(isOfMemory)
      .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
    const pages = new Map<bigint, number | undefined>();
    for (const [index, symbol] of symbols.entries()) {
      let bytes = Number(symbol.sizeBytes);
      if (bytes === 0) {
        const next = symbols.slice(index + 1, index + 1 + SAME_PLACE).find(({ address }) => address > symbol.address);
        bytes = Math.min(FARTHEST_BYTES, next === undefined ? FARTHEST_BYTES : Number(next.address - symbol.address));
      }
      if (bytes <= MAX_SYMBOL_BYTES) yield* placesOf(symbol, bytes, state, pages);
    }
  }
}

/** In one piece where addresses are physical, else page by page. */
function* placesOf(
  symbol: Symbol,
  bytes: number,
  state: MachineState,
  pages: Map<bigint, number | undefined>,
): Generator<Extent> {
  const offsetInRam = symbol.address - BigInt(DRAM_BASE);
  if (offsetInRam >= 0n && offsetInRam < BigInt(state.ram.byteLength)) {
    const start = Number(symbol.address);
    yield { symbol, start, end: start + bytes, offset: 0 };
    return;
  }
  for (let offset = 0; offset < bytes;) {
    const virtual = BigInt.asUintN(64, symbol.address + BigInt(offset));
    const inPage = Number(virtual % BigInt(PAGE_BYTES));
    const part = Math.min(bytes - offset, PAGE_BYTES - inPage);
    const page = virtual - BigInt(inPage);
    if (!pages.has(page)) pages.set(page, physicalOf(state, page));
    const physical = pages.get(page);
    if (physical !== undefined) yield { symbol, start: physical + inPage, end: physical + inPage + part, offset };
    offset += part;
  }
}

function physicalOf(state: MachineState, page: bigint): number | undefined {
  for (const hart of new Set([hartOf(state), ...state.harts.keys()])) {
    const physical = physicalAddressOf(seenBy(state, hart), page);
    if (physical !== undefined && physical <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(physical);
  }
  return undefined;
}

/** Names of one place are looked through so far for the next place. */
const SAME_PLACE = 16;

/** A label that a linker or an assembler set is a place, and names no bytes. */
const isOfMemory = ({ name, kind, sizeBytes }: Symbol): boolean => name !== "" && (kind !== "label" || sizeBytes > 0n);

/** Each byte has one name: of several, that of the data, then the shortest. */
function apart(extents: Extent[]): readonly Extent[] {
  const bytesOf = ({ start, end }: Stretch): number => end - start;
  extents.sort(
    (a, b) =>
      a.start - b.start ||
      Number(isCode(a.symbol)) - Number(isCode(b.symbol)) ||
      Number(a.symbol.sizeBytes === 0n) - Number(b.symbol.sizeBytes === 0n) ||
      bytesOf(b) - bytesOf(a),
  );
  const result: Extent[] = [];
  let reached = -Infinity;
  for (const extent of extents) {
    if (extent.end <= reached) continue;
    const cut = Math.max(0, reached - extent.start);
    result.push(cut === 0 ? extent : { ...extent, start: extent.start + cut, offset: extent.offset + cut });
    reached = extent.end;
  }
  return result;
}

function firstBehind(extents: readonly Extent[], place: number): number {
  let low = 0;
  let high = extents.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((extents[middle]?.start ?? Infinity) > place) high = middle;
    else low = middle + 1;
  }
  return low;
}
