/** The privileged instructions (privileged spec, chapter 3.3 and 12.2.1). */
import { FORMATS } from "./formats.js";
import type { SystemInstructionTable } from "./instruction.js";
import type { Ops } from "../hart/ops.js";
import { machineReturn, supervisorReturn } from "../hart/trap.js";
import { PRIVILEGE, TSR, TVM, TW } from "../hart/mstatus.js";

const { bare, sfence } = FORMATS;

const isBelow = <V, C, R>(o: Ops<V, C, R>, privilege: bigint): C => o.ltU(o.field("privilege"), o.i64(privilege));

/** Illegal in S mode if the given bit of mstatus is set. */
const trappedInS = <V, C, R>(o: Ops<V, C, R>, bit: bigint): C =>
  o.both(
    o.eq(o.field("privilege"), o.i64(PRIVILEGE.supervisor)),
    o.ne(o.and(o.field("mstatus"), o.i64(bit)), o.i64(0n)),
  );

const illegalWhen = <V, C, R>(o: Ops<V, C, R>, condition: C): void => {
  o.when(condition, () => {
    o.illegal();
  });
};

// prettier-ignore
export const PRIVILEGED = {
  mret: { format: bare, mask: 0xffff_ffff, match: 0x3020_0073, execute: (o) => {
    illegalWhen(o, isBelow(o, PRIVILEGE.machine));
    o.invoke(machineReturn);
    o.resume();
  } },
  sret: { format: bare, mask: 0xffff_ffff, match: 0x1020_0073, execute: (o) => {
    illegalWhen(o, o.either(isBelow(o, PRIVILEGE.supervisor), trappedInS(o, TSR)));
    o.invoke(supervisorReturn);
    o.resume();
  } },
  // §3.3.3: with S implemented, WFI in U mode is illegal (its bounded time limit is zero, as QEMU's).
  wfi: { format: bare, mask: 0xffff_ffff, match: 0x1050_0073, execute: (o) => {
    illegalWhen(o, o.either(isBelow(o, PRIVILEGE.supervisor), trappedInS(o, TW)));
    o.waitForInterrupt();
  } },
  // Translations are always coherent with the page tables in memory, so there is nothing to fence.
  "sfence.vma": { format: sfence, mask: 0xfe00_7fff, match: 0x1200_0073, execute: (o) => {
    illegalWhen(o, o.either(isBelow(o, PRIVILEGE.supervisor), trappedInS(o, TVM)));
  } },
} as const satisfies SystemInstructionTable;
