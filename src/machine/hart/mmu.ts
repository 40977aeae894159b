/**
 * Sv39 translation (privileged spec, §4.4 and §4.3.2) with hardware A and D updates, and PMP.
 *
 * This is the meaning of every access: no TLB exists in it. An engine that keeps translations must not let it show.
 */
import { TRAP_CAUSE } from "../isa/trap-causes.js";
import type { AccessKind, Ops, Procedure } from "../isa/ops.js";
import { MPP_SHIFT, MPRV, MXR, PRIVILEGE, SUM } from "./mstatus.js";
import { PMP_PERMISSION, pmpAllows } from "./pmp.js";

const PTE = { V: 1n, R: 2n, W: 4n, X: 8n, U: 16n, A: 64n, D: 128n } as const;
/** Bits 63 to 54: no Svpbmt, no Svnapot. */
const PTE_RESERVED = 0x3ffn << 54n;
const PPN_BITS = (1n << 44n) - 1n;
const TOP_LEVEL = 2n;
const PTE_BYTES = 8;

const FAULTS = {
  load: { page: TRAP_CAUSE.loadPageFault, access: TRAP_CAUSE.loadAccessFault },
  store: { page: TRAP_CAUSE.storePageFault, access: TRAP_CAUSE.storeAccessFault },
  fetch: { page: TRAP_CAUSE.instructionPageFault, access: TRAP_CAUSE.instructionAccessFault },
} as const;

const isSet = <V, C, R>(o: Ops<V, C, R>, value: V, bits: bigint): C => o.ne(o.and(value, o.i64(bits)), o.i64(0n));
const isClear = <V, C, R>(o: Ops<V, C, R>, value: V, bits: bigint): C => o.eq(o.and(value, o.i64(bits)), o.i64(0n));

/** §3.1.6.3: with MPRV, loads and stores go as in the mode that MPP names. */
export function effectivePrivilege<V, C, R>(o: Ops<V, C, R>, kind: AccessKind): V {
  if (kind === "fetch") return o.field("privilege");
  const status = o.field("mstatus");
  const previous = o.and(o.shrU(status, o.i64(MPP_SHIFT)), o.i64(3n));
  return o.select(isSet(o, status, MPRV), previous, o.field("privilege"));
}

/** Whether addresses are physical (§4.1.11): satp's mode is Bare, or M mode does not look at it. */
export function isBare<V, C, R>(o: Ops<V, C, R>, satp: V, privilege: V): C {
  return o.either(o.eq(o.shrU(satp, o.i64(60n)), o.i64(0n)), o.eq(privilege, o.i64(PRIVILEGE.machine)));
}

/** Whether the leaf lets this access through (§4.3.1). */
function isForbidden<V, C, R>(o: Ops<V, C, R>, kind: AccessKind, pte: V, privilege: V): C {
  const isUser = o.eq(privilege, o.i64(PRIVILEGE.user));
  const userPage = isSet(o, pte, PTE.U);
  const status = o.field("mstatus");
  const missing =
    kind === "fetch"
      ? isClear(o, pte, PTE.X)
      : kind === "store"
        ? isClear(o, pte, PTE.W)
        : o.both(isClear(o, pte, PTE.R), o.not(o.both(isSet(o, status, MXR), isSet(o, pte, PTE.X))));
  const wrongOwner =
    kind === "fetch"
      ? o.both(o.not(isUser), userPage)
      : o.both(o.not(isUser), o.both(userPage, isClear(o, status, SUM)));
  return o.either(missing, o.either(wrongOwner, o.both(isUser, o.not(userPage))));
}

function translateBy(kind: AccessKind): Procedure<2> {
  const faults = FAULTS[kind];
  return {
    name: `translate.${kind}`,
    arity: 2,
    body: (o, ...inputs) => {
      type Value = (typeof inputs)[number];
      const [virtual, bytes] = inputs as [Value, Value];
      const pageFault = (): void => {
        o.trap(o.i64(faults.page), virtual);
      };
      const accessFault = (): void => {
        o.trap(o.i64(faults.access), virtual);
      };
      const privilege = o.bind(effectivePrivilege(o, kind));
      const physical = o.variable(virtual);
      const satp = o.bind(o.field("satp"));
      o.when(o.not(isBare(o, satp, privilege)), () => {
        // Bits 63 to 39 must all be bit 38.
        const canonical = o.shrS(o.shl(virtual, o.i64(25n)), o.i64(25n));
        o.when(o.ne(canonical, virtual), pageFault);
        const level = o.variable(o.i64(TOP_LEVEL));
        const table = o.variable(o.and(satp, o.i64(PPN_BITS)));
        const walking = o.variable(o.i64(1n));
        o.loop(
          () => o.ne(walking.get(), o.i64(0n)),
          () => {
            const shift = o.bind(o.add(o.mul(level.get(), o.i64(9n)), o.i64(12n)));
            const index = o.and(o.shrU(virtual, shift), o.i64(0x1ffn));
            const address = o.bind(o.add(o.shl(table.get(), o.i64(12n)), o.shl(index, o.i64(3n))));
            const readable = o.invoke(
              pmpAllows,
              address,
              o.i64(BigInt(PTE_BYTES)),
              o.i64(PMP_PERMISSION.load),
              o.i64(PRIVILEGE.supervisor),
            );
            o.when(o.eq(readable, o.i64(0n)), accessFault);
            o.when(o.not(o.isRam(address, PTE_BYTES)), accessFault);
            const pte = o.bind(o.physicalLoad(address));
            const writeOnly = o.eq(o.and(pte, o.i64(PTE.R | PTE.W)), o.i64(PTE.W));
            const invalid = o.either(isClear(o, pte, PTE.V), o.either(writeOnly, isSet(o, pte, PTE_RESERVED)));
            o.when(invalid, pageFault);
            o.notePageTable(address, level.get());
            const number = o.bind(o.and(o.shrU(pte, o.i64(10n)), o.i64(PPN_BITS)));
            o.when(
              isClear(o, pte, PTE.R | PTE.X),
              () => {
                const ends = o.eq(level.get(), o.i64(0n));
                o.when(o.either(ends, isSet(o, pte, PTE.A | PTE.D | PTE.U)), pageFault);
                table.set(number);
                level.set(o.sub(level.get(), o.i64(1n)));
              },
              () => {
                const offsetBits = o.bind(o.sub(o.shl(o.i64(1n), shift), o.i64(1n)));
                const frame = o.bind(o.shl(number, o.i64(12n)));
                const misaligned = o.ne(o.and(frame, o.and(offsetBits, o.i64(-4096n))), o.i64(0n));
                o.when(o.either(misaligned, isForbidden(o, kind, pte, privilege)), pageFault);
                const used = kind === "store" ? PTE.A | PTE.D : PTE.A;
                const marked = o.bind(o.or(pte, o.i64(used)));
                o.when(o.ne(marked, pte), () => {
                  o.physicalStore(address, marked);
                });
                physical.set(o.or(o.and(frame, o.xor(offsetBits, o.i64(-1n))), o.and(virtual, offsetBits)));
                walking.set(o.i64(0n));
              },
            );
          },
        );
      });
      const allowed = o.invoke(pmpAllows, physical.get(), bytes, o.i64(PMP_PERMISSION[kind]), privilege);
      o.when(o.eq(allowed, o.i64(0n)), accessFault);
      return physical.get();
    },
  };
}

/** Inputs: virtual address and length, within one page. Returns the physical address, or traps. */
export const translate = {
  load: translateBy("load"),
  store: translateBy("store"),
  fetch: translateBy("fetch"),
} as const;

export { FAULTS };
