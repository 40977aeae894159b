/**
 * The walk through an Sv39 page table (privileged spec, §4.3.2 and §4.4), from a virtual address to a leaf. The caller
 * decides on permissions and on failures.
 */
import type { Ops } from "./ops.js";
import type { SystemOps } from "./system-ops.js";
import { PRIVILEGE } from "./mstatus.js";

export const PTE = { V: 1n, R: 2n, W: 4n, X: 8n, U: 16n, A: 64n, D: 128n } as const;
/** Bits 63 to 54: no Svpbmt, no Svnapot. */
const PTE_RESERVED = 0x3ffn << 54n;
const PPN_BITS = (1n << 44n) - 1n;
export const TOP_LEVEL = 2n;
export const PTE_BYTES = 8;

type Walker<V, C, R> = Pick<
  SystemOps<V, C, R>,
  | ("i64" | "add" | "sub" | "mul" | "and" | "or" | "xor" | "shl" | "shrU" | "shrS" | "eq" | "ne" | "either")
  | ("bind" | "when" | "variable" | "loop" | "physicalLoad" | "notePageTable")
>;

type Arithmetic<V, C, R> = Pick<Ops<V, C, R>, "i64" | "and" | "shrU" | "eq" | "ne" | "either">;

export interface Walk<V> {
  /** Called before an entry is read. Must not return if the entry can't be read. */
  readonly beforeRead: (address: V) => void;
  /** Called if nothing is mapped there. Must not return. */
  readonly unmapped: () => void;
  /** Called with the leaf, the leaf's address, and the physical address it translates to. */
  readonly found: (leaf: V, address: V, physical: V) => void;
}

/** Whether addresses are physical (§4.1.11): satp's mode is Bare, or the hart is in M mode, which ignores satp. */
export function isBare<V, C, R>(o: Walker<V, C, R>, satp: V, privilege: V): C {
  return o.either(o.eq(o.shrU(satp, o.i64(60n)), o.i64(0n)), o.eq(privilege, o.i64(PRIVILEGE.machine)));
}

export const isSet = <V, C, R>(o: Pick<Ops<V, C, R>, "ne" | "and" | "i64">, value: V, bits: bigint): C =>
  o.ne(o.and(value, o.i64(bits)), o.i64(0n));
export const isClear = <V, C, R>(o: Pick<Ops<V, C, R>, "eq" | "and" | "i64">, value: V, bits: bigint): C =>
  o.eq(o.and(value, o.i64(bits)), o.i64(0n));

/** An entry that maps nothing: not valid, writable but not readable, or with reserved bits. */
export function isInvalid<V, C, R>(o: Arithmetic<V, C, R>, pte: V): C {
  const writeOnly = o.eq(o.and(pte, o.i64(PTE.R | PTE.W)), o.i64(PTE.W));
  return o.either(isClear(o, pte, PTE.V), o.either(writeOnly, isSet(o, pte, PTE_RESERVED)));
}

/** A valid entry that names another table. */
export const isPointer = <V, C, R>(o: Arithmetic<V, C, R>, pte: V): C => isClear(o, pte, PTE.R | PTE.X);

/** A pointer in a table of the last level, or with bits that only a leaf may have. */
export const leadsNowhere = <V, C, R>(o: Arithmetic<V, C, R>, pte: V, level: V): C =>
  o.either(o.eq(level, o.i64(0n)), isSet(o, pte, PTE.A | PTE.D | PTE.U));

export const pageNumber = <V, C, R>(o: Arithmetic<V, C, R>, pte: V): V =>
  o.and(o.shrU(pte, o.i64(10n)), o.i64(PPN_BITS));

/** A large page must begin at a multiple of its size. */
export const isMisaligned = <V, C, R>(o: Arithmetic<V, C, R>, frame: V, offsetBits: V): C =>
  o.ne(o.and(frame, o.and(offsetBits, o.i64(-4096n))), o.i64(0n));

/** The number of the page with the top table. */
export const rootOf = <V, C, R>(o: Arithmetic<V, C, R>, satp: V): V => o.and(satp, o.i64(PPN_BITS));

export function walk<V, C, R>(o: Walker<V, C, R>, satp: V, virtual: V, { beforeRead, unmapped, found }: Walk<V>): void {
  // Bits 63 to 39 must all equal bit 38.
  const canonical = o.shrS(o.shl(virtual, o.i64(25n)), o.i64(25n));
  o.when(o.ne(canonical, virtual), unmapped);
  const level = o.variable(o.i64(TOP_LEVEL));
  const table = o.variable(rootOf(o, satp));
  const walking = o.variable(o.i64(1n));
  o.loop(
    () => o.ne(walking.get(), o.i64(0n)),
    () => {
      const shift = o.bind(o.add(o.mul(level.get(), o.i64(9n)), o.i64(12n)));
      const index = o.and(o.shrU(virtual, shift), o.i64(0x1ffn));
      const address = o.bind(o.add(o.shl(table.get(), o.i64(12n)), o.shl(index, o.i64(3n))));
      beforeRead(address);
      const pte = o.bind(o.physicalLoad(address));
      o.when(isInvalid(o, pte), unmapped);
      o.notePageTable(address, level.get());
      const number = o.bind(pageNumber(o, pte));
      o.when(
        isPointer(o, pte),
        () => {
          o.when(leadsNowhere(o, pte, level.get()), unmapped);
          table.set(number);
          level.set(o.sub(level.get(), o.i64(1n)));
        },
        () => {
          const offsetBits = o.bind(o.sub(o.shl(o.i64(1n), shift), o.i64(1n)));
          const frame = o.bind(o.shl(number, o.i64(12n)));
          o.when(isMisaligned(o, frame, offsetBits), unmapped);
          found(pte, address, o.or(o.and(frame, o.xor(offsetBits, o.i64(-1n))), o.and(virtual, offsetBits)));
          walking.set(o.i64(0n));
        },
      );
    },
  );
}
