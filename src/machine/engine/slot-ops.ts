/** The semantics compiled for the interpreter. Operands come from a slot in memory, and slow cases are calls. */
import { WAITING } from "../hart/fields.js";
import { floatOperationNumber, type FloatOperation } from "../float/operations.js";
import type { HartInput, Procedure, Width } from "../hart/ops.js";
import type { Assembler, Local } from "../wasm/assembler.js";
import {
  ABORT,
  ATTENTION,
  F_BASE,
  FIELD,
  PAGE_FLAG,
  PAGE_SHIFT,
  RAM_BASE,
  SLOT,
  X_BASE,
  X_RESULTS,
  type Layout,
} from "./layout.js";
import type { Code } from "./compiled-values.js";
import type { ProbeFunctions } from "./probe-imports.js";
import { ifProbed } from "./probe-calls.js";
import { WasmOps } from "./wasm-ops.js";
import type { Format } from "../isa/formats.js";
import type { Operands } from "../isa/instruction.js";
import { hasWideImmediate } from "./decoder-table.js";

/** The functions that generated code calls, by index. */
export interface EngineFunctions {
  readonly layout: Layout;
  readonly procedure: (procedure: Procedure<number>) => number;
  readonly loadSlow: number;
  readonly storeSlow: number;
  readonly loadForStoreSlow: number;
  readonly notePageTable: number;
  readonly flushTranslations: number;
  readonly invalidateCode: number;
  readonly float: number;
  readonly encodingOfSlot: number;
  readonly takeTrap: Procedure<2>;
  /** Absent: nobody probes. */
  readonly probes?: ProbeFunctions | undefined;
}

export interface Frame {
  readonly asm: Assembler;
  /** The address of the instruction's slot. */
  readonly slot: Local;
  /** The id of the address space of loads and stores, at its place in a tag: an i64. */
  readonly dataContext: Code;
  readonly pc: Code;
  readonly nextPc: Code;
  /** Stores `pc` and `remaining` to memory, before a call that may need them. */
  readonly spill: () => void;
  /** After such a call: continues, or leaves if the call ended the instruction. */
  readonly resumeOrLeave: () => void;
  /** Leaves the instruction. `pc` and `abort` are already set. */
  readonly leave: () => void;
  /** Leaves to start the instruction again elsewhere, where a call makes the access. Absent: the call is made here. */
  readonly accessMissed?: () => void;
  readonly jumpTo: (target: Code) => void;
  readonly jumpBy: (displacement: Code) => void;
}

export class SlotOps extends WasmOps<Code> {
  constructor(
    readonly frame: Frame,
    private readonly engine: EngineFunctions,
  ) {
    super(frame.asm);
  }

  operands(format: Format): Operands<Code, Code> {
    const { asm, slot } = this.frame;
    const register =
      (offset: number): Code =>
      () => {
        asm.get(slot);
        asm.memory("i32.load8_u", offset);
      };
    const bits =
      (offset: number, mask: number, shift = 0): Code =>
      () => {
        asm.get(slot);
        asm.memory("i64.load8_u", offset);
        asm.i64(BigInt(shift));
        asm.op("i64.shr_u");
        asm.i64(BigInt(mask));
        asm.op("i64.and");
      };
    return {
      rd: register(SLOT.rd),
      rs1: register(SLOT.rs1),
      rs2: register(SLOT.rs2),
      // It lies above rm: see ROUNDING.
      rs3: () => {
        asm.get(slot);
        asm.memory("i32.load8_u", SLOT.immediate);
        asm.i32(0xf8);
        asm.op("i32.and");
      },
      imm: () => {
        asm.get(slot);
        if (hasWideImmediate(format)) asm.memory("i64.load32_s", SLOT.wideImmediate);
        else asm.memory("i64.load16_s", SLOT.immediate);
      },
      // It lies where others have rs1.
      uimm: bits(SLOT.rs1, 0x1f, 3),
      rm: bits(SLOT.immediate, 7),
    };
  }

  invoke<Arity extends number>(procedure: Procedure<Arity>, ...inputs: readonly Code[]): Code {
    const { asm, slot, spill, resumeOrLeave } = this.frame;
    const result = this.temporary("i64");
    spill();
    asm.get(slot);
    for (const input of inputs) input();
    asm.call(this.engine.procedure(procedure));
    asm.set(result);
    resumeOrLeave();
    return () => {
      asm.get(result);
    };
  }

  x(register: Code): Code {
    return () => {
      register();
      this.asm.memory("i64.load", X_BASE);
    };
  }

  setX(register: Code, value: Code): void {
    register();
    value();
    this.asm.memory("i64.store", X_RESULTS);
  }

  f(register: Code): Code {
    return () => {
      register();
      this.asm.memory("i64.load", F_BASE);
    };
  }

  setF(register: Code, value: Code): void {
    register();
    value();
    this.asm.memory("i64.store", F_BASE);
  }

  pmpAddress(index: Code): Code {
    return () => {
      index();
      this.asm.op("i32.wrap_i64");
      this.asm.i32(3);
      this.asm.op("i32.shl");
      this.asm.memory("i64.load", FIELD.pmpaddr0);
    };
  }

  input(name: HartInput): Code {
    if (name !== "icount" && name !== "instret" && name !== "virtualNs") return this.control(name);
    const left = this.add(this.control("remaining"), this.control("stash"));
    // The present instruction was already counted when it started.
    const icount = this.sub(this.sub(this.control("endIcount"), left), this.i64(1n));
    if (name === "instret") return this.sub(icount, this.control("othersInsns"));
    return name === "icount"
      ? icount
      : this.add(this.control("clockBiasNs"), this.shl(icount, this.control("clockShift")));
  }

  isRam(address: Code, bytes: number): Code {
    const offset = this.sub(address, this.i64(BigInt(RAM_BASE)));
    const last = this.i64(BigInt(this.engine.layout.ramBytes - bytes));
    return this.not(this.ltU(last, offset));
  }

  physicalLoad(address: Code): Code {
    return () => {
      this.hostAddress(address);
      this.asm.memory("i64.load");
    };
  }

  /** The walk's own store to a page-table entry. It makes no derived translation wrong. */
  physicalStore(address: Code, value: Code): void {
    const { asm, slot } = this.frame;
    const page = this.temporary("i32");
    const host = this.temporary("i32");
    this.hostAddress(address);
    asm.set(host);
    const { probes, layout } = this.engine;
    if (probes !== undefined) {
      ifProbed(asm, layout, host, () => {
        asm.get(host);
        asm.i32(8);
        value();
        asm.call(probes.probeStored);
      });
      // Whoever was told may have stopped the hart before the instruction.
      this.frame.resumeOrLeave();
      asm.get(host);
      asm.call(probes.probeMarking);
    }
    asm.get(host);
    value();
    asm.memory("i64.store");
    this.ramOffset(address);
    asm.i32(PAGE_SHIFT);
    asm.op("i32.shr_u");
    asm.tee(page);
    asm.get(page);
    asm.memory("i32.load8_u", this.engine.layout.pageFlags);
    asm.i32(PAGE_FLAG.digestStale | PAGE_FLAG.uncaptured);
    asm.op("i32.or");
    asm.memory("i32.store8", this.engine.layout.pageFlags);
    asm.get(slot);
    asm.get(page);
    asm.get(host);
    asm.i32(8);
    asm.call(this.engine.invalidateCode);
  }

  notePageTable(address: Code, level: Code): void {
    this.ramOffset(address);
    level();
    this.asm.op("i32.wrap_i64");
    this.asm.call(this.engine.notePageTable);
  }

  pc(): Code {
    return this.frame.pc;
  }

  nextPc(): Code {
    return this.frame.nextPc;
  }

  jumpTo(target: Code): void {
    this.frame.jumpTo(target);
  }

  jumpBy(displacement: Code): void {
    this.frame.jumpBy(displacement);
  }

  branchBy(condition: Code, displacement: Code): void {
    condition();
    this.asm.if(() => {
      this.frame.jumpBy(displacement);
    });
  }

  trap(cause: Code, trapValue: Code): void {
    const { asm, slot, spill, leave } = this.frame;
    spill();
    asm.get(slot);
    cause();
    trapValue();
    asm.call(this.engine.procedure(this.engine.takeTrap));
    asm.op("drop");
    this.setControl("abort", this.i64(BigInt(ABORT.notRetired)));
    leave();
  }

  illegal(): void {
    const { asm, slot } = this.frame;
    this.trap(this.i64(2n), () => {
      asm.get(slot);
      asm.call(this.engine.encodingOfSlot);
    });
  }

  resume(): void {
    this.setControl("abort", this.i64(BigInt(ABORT.resumed)));
    this.frame.leave();
  }

  waitForInterrupt(): void {
    this.setField("waiting", this.i64(WAITING.forPending));
    // Also where an interrupt is pending already: firmware polls with WFI.
    this.pause();
    this.cut();
  }

  pause(): void {
    this.when(this.geU(this.input("icount"), this.control("yieldsFrom")), () => {
      this.setControl("attention", this.i64(BigInt(ATTENTION.paused)));
      this.cut();
    });
  }

  contextChanged(): void {
    this.setControl("contextStale", this.i64(1n));
    this.cut();
  }

  translationsChanged(): void {
    this.asm.get(this.frame.slot);
    this.asm.call(this.engine.flushTranslations);
  }

  cut(): void {
    this.setControl("stash", this.add(this.control("stash"), this.control("remaining")));
    this.setControl("remaining", this.i64(0n));
  }

  /** Leaves the i32 address in this memory of a physical RAM address. */
  private hostAddress(address: Code): void {
    this.ramOffset(address);
    this.asm.i32(this.engine.layout.ram);
    this.asm.op("i32.add");
  }

  private ramOffset(address: Code): void {
    address();
    this.asm.op("i32.wrap_i64");
    this.asm.i32(RAM_BASE);
    this.asm.op("i32.sub");
  }

  protected dataContext(): void {
    this.frame.dataContext();
  }

  protected loadMissed(kind: "load" | "store", width: Width, address: Code): void {
    this.callSlow(kind === "load" ? this.engine.loadSlow : this.engine.loadForStoreSlow, width, address);
  }

  protected storeMissed(width: Width, address: Code, value: Code): void {
    this.callSlow(this.engine.storeSlow, width, address, value);
  }

  protected floatExactly(operation: FloatOperation, rm: Code, inputs: readonly Code[]): Code {
    return () => {
      const { asm } = this;
      asm.i32(floatOperationNumber(operation));
      rm();
      for (let index = 0; index < 3; index += 1) (inputs[index] ?? this.i64(0n))();
      asm.call(this.engine.float);
    };
  }

  private callSlow(functionIndex: number, width: Width, ...inputs: readonly Code[]): void {
    const { asm, slot, spill, resumeOrLeave, accessMissed } = this.frame;
    if (accessMissed !== undefined) {
      accessMissed();
      return;
    }
    spill();
    asm.get(slot);
    asm.i32(width);
    for (const input of inputs) input();
    asm.call(functionIndex);
    resumeOrLeave();
  }
}
