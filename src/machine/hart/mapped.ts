/** Everything that an Sv39 page table maps, for a debugger that wants to know it all beforehand. */
import { RAM_PAGE_BYTES } from "../ram.js";
import { BigintArithmetic } from "./bigint-arithmetic.js";
import { isInvalid, isMisaligned, isPointer, leadsNowhere, pageNumber, PTE_BYTES, rootOf, TOP_LEVEL } from "./sv39.js";

/** Bytes that lie side by side, as addresses and in memory. */
export interface Mapping {
  readonly virtual: bigint;
  readonly physical: bigint;
  readonly bytes: bigint;
}

export interface Mapped {
  /** The upper half of the addresses first, which kernels have for themselves; each half in ascending order. */
  readonly mappings: readonly Mapping[];
  /** False: a table has more than anybody needs, and the rest of it is left out. */
  readonly isWhole: boolean;
}

/** A table that leads back to itself may map each page a thousand times. */
export const MAX_TABLES = 4096;
export const MAX_MAPPINGS = 1 << 17;

/** The page with a table; undefined if there is no memory. */
export type TableLoader = (physical: bigint) => Uint8Array | undefined;

/** What the page table of `satp` maps, whether a hart may access it or not. Nothing where addresses are physical. */
export function mappedBy(satp: bigint, loadTable: TableLoader): Mapped {
  if (satp >> 60n === 0n) return { mappings: [], isWhole: true };
  const walk = new WholeWalk(loadTable);
  walk.table(rootOf(ARITHMETIC, satp), TOP_LEVEL, 0n);
  return walk;
}

const ARITHMETIC = new BigintArithmetic();
const ENTRIES = RAM_PAGE_BYTES / PTE_BYTES;
const VIRTUAL_BITS = 39;

class WholeWalk implements Mapped {
  readonly mappings: Mapping[] = [];
  isWhole = true;
  private tables = 0;

  constructor(private readonly loadTable: TableLoader) {}

  table(number: bigint, level: bigint, base: bigint): void {
    const bytes = this.loadTable(number << 12n);
    if (bytes === undefined) return;
    this.isWhole &&= this.tables < MAX_TABLES;
    this.tables += 1;
    const entries = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // From the middle of the top table on.
    const first = level === TOP_LEVEL ? ENTRIES / 2 : 0;
    for (let at = 0; at < ENTRIES && this.isWhole; at += 1) {
      const index = (first + at) % ENTRIES;
      const pte = entries.getBigUint64(index * PTE_BYTES, true);
      if (pte !== 0n) this.entry(pte, level, base | (BigInt(index) << shiftOf(level)));
    }
  }

  private entry(pte: bigint, level: bigint, virtual: bigint): void {
    if (isInvalid(ARITHMETIC, pte)) return;
    const number = pageNumber(ARITHMETIC, pte);
    if (isPointer(ARITHMETIC, pte)) {
      if (!leadsNowhere(ARITHMETIC, pte, level)) this.table(number, level - 1n, virtual);
      return;
    }
    const bytes = 1n << shiftOf(level);
    if (!isMisaligned(ARITHMETIC, number << 12n, bytes - 1n)) {
      this.add({ virtual: BigInt.asUintN(64, BigInt.asIntN(VIRTUAL_BITS, virtual)), physical: number << 12n, bytes });
    }
  }

  private add(next: Mapping): void {
    const last = this.mappings.at(-1);
    if (last !== undefined && follows(last, next))
      this.mappings[this.mappings.length - 1] = { ...last, bytes: last.bytes + next.bytes };
    else if (this.mappings.length < MAX_MAPPINGS) this.mappings.push(next);
    else this.isWhole = false;
  }
}

const follows = (last: Mapping, next: Mapping): boolean =>
  last.virtual + last.bytes === next.virtual && last.physical + last.bytes === next.physical;

const shiftOf = (level: bigint): bigint => level * 9n + 12n;
