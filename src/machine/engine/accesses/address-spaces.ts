/**
 * The TLB's validity. Each address space in use (satp, privilege and the bits of mstatus that translation uses) has an
 * id, which is part of every tag. Forgetting the ids drops all translations.
 */
import { effectivePrivilege } from "../../hart/mmu.js";
import { MXR, PRIVILEGE, SUM } from "../../hart/mstatus.js";
import { PMP_PERMISSION, pmpAllows } from "../../hart/pmp.js";
import { isBare } from "../../hart/sv39.js";
import type { Procedure } from "../../hart/system-ops.js";
import type { Assembler } from "../../wasm/assembler.js";
import { countUp } from "../counters.js";
import { functionFrame } from "../function-frame.js";
import {
  CONTEXT_DIRECT_SHIFT,
  CONTEXT_ENTRIES,
  CONTEXT_ENTRY_BYTES,
  CONTEXT_SHIFT,
  CONTEXT_TABLE,
  LAST_CONTEXT,
  RAM_BASE,
  READ_TLB,
  TLBS_BYTES,
  type Layout,
} from "../layout.js";
import { forgetPmpChunks } from "./pmp-chunks.js";
import { SlotOps, type EngineFunctions } from "../slot-ops.js";
import type { Code } from "../expressions/compiled-values.js";
import type { Words } from "../expressions/words.js";

/** For ranges of any length, so without the memory of allowed chunks. */
const pmpAllowsRange: Procedure<4> = { ...pmpAllows, name: "pmpAllowsRange" };

const forgetIds = (w: Words): void => {
  w.fill(w.i32(CONTEXT_TABLE), 0, CONTEXT_ENTRIES * CONTEXT_ENTRY_BYTES);
};

/** (): every translation is void from the next instruction on. */
export function flushTranslationsFunction(engine: EngineFunctions): Assembler {
  const { frame } = functionFrame([], undefined);
  const o = new SlotOps(frame, engine);
  countUp(frame.w, "translationFlushes");
  forgetIds(frame.w);
  forgetPmpChunks(frame.w, engine.layout);
  o.contextChanged();
  return frame.asm;
}

/** (): finds or makes the ids of the address spaces that the hart is in. */
export function enterAddressSpacesFunction(engine: EngineFunctions): Assembler {
  const { frame } = functionFrame([], undefined);
  const { asm, w } = frame;
  const o = new SlotOps(frame, engine);
  const satp = o.bind(o.field("satp"));
  const status = o.bind(o.field("mstatus"));

  // Two ids may be needed. Without enough ids all entries are cleared, because an id must never be valid again.
  o.when(o.ltU(o.i64(BigInt(LAST_CONTEXT - 2)), o.control("nextContext")), () => {
    w.fill(w.i32(READ_TLB), 0, TLBS_BYTES);
    forgetIds(w);
    o.setControl("nextContext", o.i64(1n));
  });
  enterDataSpace(o, engine, addressSpace(o, "load", satp, status), satp);
  enterFetchSpace(o, addressSpace(o, "fetch", satp, status));
  o.setControl("contextStale", o.i64(0n));
  return asm;
}

/** What decides how addresses are translated. */
interface AddressSpace {
  readonly privilege: Code;
  /** satp, or 0 where it is not used. */
  readonly root: Code;
  /** The rest. It is never 0. */
  readonly mode: Code;
}

function addressSpace(o: SlotOps, kind: "load" | "fetch", satp: Code, status: Code): AddressSpace {
  const privilege = o.bind(effectivePrivilege(o, kind));
  const isMachine = o.eq(privilege, o.i64(PRIVILEGE.machine));
  const root = o.bind(o.select(isMachine, o.i64(0n), satp));
  const bits = kind === "fetch" ? o.i64(0n) : o.shrU(o.and(status, o.i64(SUM | MXR)), o.i64(16n));
  // Bit 8 makes it never 0, so an empty entry matches nothing.
  const mode = o.bind(o.or(o.or(privilege, bits), o.i64(kind === "fetch" ? 0x110n : 0x100n)));
  return { privilege, root, mode };
}

function enterFetchSpace(o: SlotOps, space: AddressSpace): void {
  const id = contextOf(o, space, (next) => next);
  o.setControl("fetchContext", o.shl(id, o.i64(BigInt(CONTEXT_SHIFT))));
}

function enterDataSpace(o: SlotOps, engine: EngineFunctions, space: AddressSpace, satp: Code): void {
  const directShift = o.i64(BigInt(CONTEXT_DIRECT_SHIFT));
  const entered = contextOf(o, space, (next) =>
    o.bind(o.or(next, o.shl(isDirect(o, engine.layout, space, satp), directShift))),
  );
  const id = o.and(entered, o.i64(BigInt(LAST_CONTEXT)));
  o.setControl("dataContext", o.shl(id, o.i64(BigInt(CONTEXT_SHIFT))));
  const direct = o.shrU(entered, directShift);
  // A load that goes straight to RAM passes no probe.
  const isUnprobed = o.xor(o.control("probesLoads"), o.i64(1n));
  o.setControl("directRam", engine.probes === undefined ? direct : o.and(direct, isUnprobed));
}

/** What the table keeps for an address space. `make` says what that is, from the next free id. */
function contextOf(o: SlotOps, { root, mode }: AddressSpace, make: (next: Code) => Code): Code {
  const { w } = o.frame;
  const mixed = o.xor(o.xor(root, o.shrU(root, o.i64(44n))), o.mul(mode, o.i64(5n)));
  const entry = w.low(o.bind(o.shl(o.and(mixed, o.i64(BigInt(CONTEXT_ENTRIES - 1))), o.i64(4n))));
  const keptRoot = w.load("i64.load", entry, CONTEXT_TABLE);
  const keptMode = w.load("i64.load32_u", entry, CONTEXT_TABLE + 8);
  o.when(o.not(o.both(o.eq(keptRoot, root), o.eq(keptMode, mode))), () => {
    const next = o.control("nextContext");
    const made = make(next);
    w.store("i64.store", entry, CONTEXT_TABLE, root);
    w.store("i64.store32", entry, CONTEXT_TABLE + 8, mode);
    w.store("i64.store32", entry, CONTEXT_TABLE + 12, made);
    o.setControl("nextContext", o.add(next, o.i64(1n)));
  });
  return w.load("i64.load32_u", entry, CONTEXT_TABLE + 12);
}

/** Whether addresses are physical, and PMP allows all of RAM. */
function isDirect(o: SlotOps, { ramBytes }: Layout, { privilege }: AddressSpace, satp: Code): Code {
  const allows = (permission: bigint): Code =>
    o.invoke(pmpAllowsRange, o.i64(BigInt(RAM_BASE)), o.i64(BigInt(ramBytes)), o.i64(permission), privilege);
  const direct = o.variable(o.i64(0n));
  o.when(isBare(o, satp, privilege), () => {
    direct.set(o.and(allows(PMP_PERMISSION.load), allows(PMP_PERMISSION.store)));
  });
  return direct.get();
}
