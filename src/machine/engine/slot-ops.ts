/** The semantics compiled for the interpreter. Operands come from a slot in memory, and slow cases are calls. */
import { WAITING } from "../hart/fields.js";
import { floatOperationNumber, type FloatOperation } from "../float/operations.js";
import type { HartNote } from "../hart/notes.js";
import type { Width } from "../hart/ops.js";
import type { HartInput, Procedure, SystemOps } from "../hart/system-ops.js";
import type { Assembler } from "../wasm/assembler.js";
import {
  ABORT,
  ATTENTION,
  F_BASE,
  FIELD,
  NOTE,
  PAGE_FLAG,
  PAGE_SHIFT,
  RAM_BASE,
  SLOT,
  X_BASE,
  X_RESULTS,
  type Layout,
} from "./layout.js";
import { CompiledValues, type Code } from "./expressions/compiled-values.js";
import type { ProbeFunctions } from "./probe-imports.js";
import { ifProbed } from "./probe-calls.js";
import { WasmOps } from "./wasm-ops.js";
import type { Format } from "../isa/formats.js";
import type { Operands } from "../isa/instruction.js";
import { hasWideImmediate } from "./slot-form.js";
import type { Word, Words } from "./expressions/words.js";

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
  readonly w: Words;
  /** The address of the instruction's slot. */
  readonly slot: Word;
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

export class SlotOps extends WasmOps<Code> implements SystemOps<Code, Code, Code> {
  constructor(
    readonly frame: Frame,
    private readonly engine: EngineFunctions,
  ) {
    super(frame.asm);
  }

  operands(format: Format): Operands<Code, Code> {
    const { asm, w, slot } = this.frame;
    const v = new CompiledValues(asm);
    const register = (offset: number): Code => w.load("i32.load8_u", slot, offset);
    const bits = (offset: number, mask: number, shift = 0): Code =>
      v.and(v.shrU(w.load("i64.load8_u", slot, offset), v.i64(BigInt(shift))), v.i64(BigInt(mask)));
    return {
      rd: register(SLOT.rd),
      rs1: register(SLOT.rs1),
      rs2: register(SLOT.rs2),
      // It lies above rm: see ROUNDING.
      rs3: w.and(register(SLOT.immediate), w.i32(0xf8)),
      imm: hasWideImmediate(format)
        ? w.load("i64.load32_s", slot, SLOT.wideImmediate)
        : w.load("i64.load16_s", slot, SLOT.immediate),
      // It lies where others have rs1.
      uimm: bits(SLOT.rs1, 0x1f, 3),
      rm: bits(SLOT.immediate, 7),
    };
  }

  invoke<Arity extends number>(procedure: Procedure<Arity>, ...inputs: readonly Code[]): Code {
    const { w, slot, spill, resumeOrLeave } = this.frame;
    spill();
    const result = this.bind(w.result(this.engine.procedure(procedure), slot, ...inputs));
    resumeOrLeave();
    return result;
  }

  x(register: Code): Code {
    return this.frame.w.load("i64.load", register, X_BASE);
  }

  setX(register: Code, value: Code): void {
    this.frame.w.store("i64.store", register, X_RESULTS, value);
  }

  f(register: Code): Code {
    return this.frame.w.load("i64.load", register, F_BASE);
  }

  setF(register: Code, value: Code): void {
    this.frame.w.store("i64.store", register, F_BASE, value);
  }

  pmpAddress(index: Code): Code {
    const { w } = this.frame;
    return w.load("i64.load", w.shl(w.low(index), w.i32(3)), FIELD.pmpaddr0);
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

  note(name: HartNote): Code {
    return this.loadAt(NOTE[name]);
  }

  setNote(name: HartNote, value: Code): void {
    this.storeAt(NOTE[name], value);
  }

  isRam(address: Code, bytes: number): Code {
    const offset = this.sub(address, this.i64(BigInt(RAM_BASE)));
    const last = this.i64(BigInt(this.engine.layout.ramBytes - bytes));
    return this.not(this.ltU(last, offset));
  }

  physicalLoad(address: Code): Code {
    return this.frame.w.load("i64.load", this.hostAddress(address));
  }

  /** The walk's own store to a page-table entry. It makes no derived translation wrong. */
  physicalStore(address: Code, value: Code): void {
    const { w, slot, resumeOrLeave } = this.frame;
    const { probes, layout, invalidateCode } = this.engine;
    const page = w.variable();
    const host = w.variable();
    host.set(this.hostAddress(address));
    if (probes !== undefined) {
      ifProbed(w, layout, host, () => {
        w.call(probes.probeStored, host, w.i32(8), value);
      });
      // Whoever was told may have stopped the hart before the instruction.
      resumeOrLeave();
      w.call(probes.probeMarking, host);
    }
    w.store("i64.store", host, 0, value);
    const written = w.or(
      w.load("i32.load8_u", page, layout.pageFlags),
      w.i32(PAGE_FLAG.digestStale | PAGE_FLAG.uncaptured),
    );
    w.store("i32.store8", page.tee(w.shrU(this.ramOffset(address), w.i32(PAGE_SHIFT))), layout.pageFlags, written);
    w.call(invalidateCode, slot, page, host, w.i32(8));
  }

  notePageTable(address: Code, level: Code): void {
    const { w } = this.frame;
    w.call(this.engine.notePageTable, this.ramOffset(address), w.low(level));
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
    this.when(condition, () => {
      this.frame.jumpBy(displacement);
    });
  }

  trap(cause: Code, trapValue: Code): void {
    const { w, slot, spill, leave } = this.frame;
    spill();
    w.drop(w.result(this.engine.procedure(this.engine.takeTrap), slot, cause, trapValue));
    this.setControl("abort", this.i64(BigInt(ABORT.notRetired)));
    leave();
  }

  illegal(): void {
    const { w, slot } = this.frame;
    this.trap(this.i64(2n), w.result(this.engine.encodingOfSlot, slot));
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
    const { w, slot } = this.frame;
    w.call(this.engine.flushTranslations, slot);
  }

  cut(): void {
    this.setControl("stash", this.add(this.control("stash"), this.control("remaining")));
    this.setControl("remaining", this.i64(0n));
  }

  /** The address in this memory of a physical RAM address. */
  private hostAddress(address: Code): Word {
    const { w } = this.frame;
    return w.add(this.ramOffset(address), w.i32(this.engine.layout.ram));
  }

  private ramOffset(address: Code): Word {
    const { w } = this.frame;
    return w.sub(w.low(address), w.i32(RAM_BASE));
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
    const { w } = this.frame;
    const three = [0, 1, 2].map((index) => inputs[index] ?? this.i64(0n));
    return w.result(this.engine.float, w.i32(floatOperationNumber(operation)), rm, ...three);
  }

  private callSlow(functionIndex: number, width: Width, ...inputs: readonly Code[]): void {
    const { w, slot, spill, resumeOrLeave, accessMissed } = this.frame;
    if (accessMissed !== undefined) {
      accessMissed();
      return;
    }
    spill();
    w.call(functionIndex, slot, w.i32(width), ...inputs);
    resumeOrLeave();
  }
}
