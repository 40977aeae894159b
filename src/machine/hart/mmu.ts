/**
 * Sv39 translation with hardware A and D updates, and PMP (privileged spec, §4.3.2).
 *
 * This defines every access, and has no TLB. An engine's caches of translations must be invisible.
 */
import { TRAP_CAUSE } from "./trap-causes.js";
import type { AccessKind, Ops } from "./ops.js";
import type { Procedure, SystemOps } from "./system-ops.js";
import { MPP_SHIFT, MPRV, MXR, PRIVILEGE, SUM } from "./mstatus.js";
import { PMP_PERMISSION, pmpAllows } from "./pmp.js";
import { isBare, isClear, isSet, PTE, PTE_BYTES, walk } from "./sv39.js";

export const FAULTS = {
  load: { page: TRAP_CAUSE.loadPageFault, access: TRAP_CAUSE.loadAccessFault },
  store: { page: TRAP_CAUSE.storePageFault, access: TRAP_CAUSE.storeAccessFault },
  fetch: { page: TRAP_CAUSE.instructionPageFault, access: TRAP_CAUSE.instructionAccessFault },
} as const;

/** §3.1.6.3: with MPRV, loads and stores use the mode in MPP. */
export function effectivePrivilege<V, C, R>(o: Ops<V, C, R>, kind: AccessKind): V {
  if (kind === "fetch") return o.field("privilege");
  const status = o.field("mstatus");
  const previous = o.and(o.shrU(status, o.i64(MPP_SHIFT)), o.i64(3n));
  return o.select(isSet(o, status, MPRV), previous, o.field("privilege"));
}

/** Whether the leaf forbids this access (§4.3.1). */
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

/** The walk reads and writes the table with S mode's permissions (§3.7.2). */
function walkerIsDenied<V, C, R>(o: SystemOps<V, C, R>, kind: "load" | "store", address: V): C {
  const permission = o.i64(PMP_PERMISSION[kind]);
  const allowed = o.invoke(pmpAllows, address, o.i64(BigInt(PTE_BYTES)), permission, o.i64(PRIVILEGE.supervisor));
  return o.eq(allowed, o.i64(0n));
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
        walk(o, satp, virtual, {
          beforeRead: (address) => {
            o.when(walkerIsDenied(o, "load", address), accessFault);
            o.when(o.not(o.isRam(address, PTE_BYTES)), accessFault);
          },
          unmapped: pageFault,
          found: (leaf, address, target) => {
            o.when(isForbidden(o, kind, leaf, privilege), pageFault);
            const used = kind === "store" ? PTE.A | PTE.D : PTE.A;
            const marked = o.bind(o.or(leaf, o.i64(used)));
            o.when(o.ne(marked, leaf), () => {
              o.when(walkerIsDenied(o, "store", address), accessFault);
              o.physicalStore(address, marked);
            });
            physical.set(target);
          },
        });
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
