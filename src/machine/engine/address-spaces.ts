/**
 * The TLB's validity. Each address space in use (satp, privilege and the bits of mstatus that translation uses) has an
 * id, which is part of every tag. Forgetting the ids drops all translations.
 */
import { effectivePrivilege } from "../hart/mmu.js";
import { MXR, PRIVILEGE, SUM } from "../hart/mstatus.js";
import { PMP_PERMISSION, pmpAllows } from "../hart/pmp.js";
import { isBare } from "../hart/sv39.js";
import type { Procedure } from "../hart/ops.js";
import type { Assembler } from "../wasm/assembler.js";
import { countUp } from "./counters.js";
import { functionFrame } from "./function-frame.js";
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
} from "./layout.js";
import { forgetPmpChunks } from "./pmp-chunks.js";
import { SlotOps, type EngineFunctions } from "./slot-ops.js";
import type { Code } from "./compiled-values.js";

/** For ranges of any length, so without the memory of allowed chunks. */
const pmpAllowsRange: Procedure<4> = { ...pmpAllows, name: "pmpAllowsRange" };

const fill = (asm: Assembler, address: number, bytes: number): void => {
  asm.i32(address);
  asm.i32(0);
  asm.i32(bytes);
  asm.fill();
};

const forgetIds = (asm: Assembler): void => {
  fill(asm, CONTEXT_TABLE, CONTEXT_ENTRIES * CONTEXT_ENTRY_BYTES);
};

/** (): every translation is void from the next instruction on. */
export function flushTranslationsFunction(engine: EngineFunctions): Assembler {
  const { frame } = functionFrame([], undefined);
  const o = new SlotOps(frame, engine);
  countUp(frame.asm, "translationFlushes");
  forgetIds(frame.asm);
  forgetPmpChunks(frame.asm, engine.layout);
  o.contextChanged();
  return frame.asm;
}

/** (): finds or makes the ids of the address spaces that the hart is in. */
export function enterAddressSpacesFunction(engine: EngineFunctions): Assembler {
  const { frame } = functionFrame([], undefined);
  const { asm } = frame;
  const o = new SlotOps(frame, engine);
  const satp = o.bind(o.field("satp"));
  const status = o.bind(o.field("mstatus"));

  const find = (kind: "load" | "fetch"): void => {
    const privilege = o.bind(effectivePrivilege(o, kind));
    const isMachine = o.eq(privilege, o.i64(PRIVILEGE.machine));
    const space = o.bind(o.select(isMachine, o.i64(0n), satp));
    const bits = kind === "fetch" ? o.i64(0n) : o.shrU(o.and(status, o.i64(SUM | MXR)), o.i64(16n));
    // Bit 8 makes it never 0, so an empty entry matches nothing.
    const mode = o.bind(o.or(o.or(privilege, bits), o.i64(kind === "fetch" ? 0x110n : 0x100n)));
    const mixed = o.xor(o.xor(space, o.shrU(space, o.i64(44n))), o.mul(mode, o.i64(5n)));
    const entry = o.bind(o.shl(o.and(mixed, o.i64(BigInt(CONTEXT_ENTRIES - 1))), o.i64(4n)));
    const at = (): void => {
      entry();
      asm.op("i32.wrap_i64");
    };
    const kept =
      (offset: number, wide: boolean): Code =>
      () => {
        at();
        asm.memory(wide ? "i64.load" : "i64.load32_u", CONTEXT_TABLE + offset);
      };
    const isKnown = o.both(o.eq(kept(0, true), space), o.eq(kept(8, false), mode));
    const isDirect = (): Code => {
      const allows = (permission: bigint): Code =>
        o.invoke(
          pmpAllowsRange,
          o.i64(BigInt(RAM_BASE)),
          o.i64(BigInt(engine.layout.ramBytes)),
          o.i64(permission),
          privilege,
        );
      const direct = o.variable(o.i64(0n));
      o.when(isBare(o, satp, privilege), () => {
        direct.set(o.and(allows(PMP_PERMISSION.load), allows(PMP_PERMISSION.store)));
      });
      return direct.get();
    };
    o.when(o.not(isKnown), () => {
      const id = o.control("nextContext");
      const made = kind === "load" ? o.bind(o.or(id, o.shl(isDirect(), o.i64(BigInt(CONTEXT_DIRECT_SHIFT))))) : id;
      at();
      space();
      asm.memory("i64.store", CONTEXT_TABLE);
      at();
      mode();
      asm.memory("i64.store32", CONTEXT_TABLE + 8);
      at();
      made();
      asm.memory("i64.store32", CONTEXT_TABLE + 12);
      o.setControl("nextContext", o.add(id, o.i64(1n)));
    });
    const entered = kept(12, false);
    const id = kind === "fetch" ? entered : o.and(entered, o.i64(BigInt(LAST_CONTEXT)));
    o.setControl(kind === "fetch" ? "fetchContext" : "dataContext", o.shl(id, o.i64(BigInt(CONTEXT_SHIFT))));
    if (kind === "load") {
      const direct = o.shrU(entered, o.i64(BigInt(CONTEXT_DIRECT_SHIFT)));
      // A load that goes straight to RAM passes no probe.
      const isUnprobed = o.xor(o.control("probesLoads"), o.i64(1n));
      o.setControl("directRam", engine.probes === undefined ? direct : o.and(direct, isUnprobed));
    }
  };

  // Two ids may be needed. Without enough ids all entries are cleared, because an id must never be valid again.
  o.when(o.ltU(o.i64(BigInt(LAST_CONTEXT - 2)), o.control("nextContext")), () => {
    fill(asm, READ_TLB, TLBS_BYTES);
    forgetIds(asm);
    o.setControl("nextContext", o.i64(1n));
  });
  find("load");
  find("fetch");
  o.setControl("contextStale", o.i64(0n));
  return asm;
}
