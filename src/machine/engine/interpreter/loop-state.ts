/** The registers of the interpreter's loop: WebAssembly locals, and how they relate to the values in memory. */
import type { NumberedInstruction } from "../../isa/instruction-set.js";
import { Assembler } from "../../wasm/assembler.js";
import { CompiledValues, type Code } from "../expressions/compiled-values.js";
import { besideSlot, slotOf } from "../decoded/slot-places.js";
import { FETCH_TLB, PAGE_MASK, SLOT, SLOT_SHIFT, type ControlField, type Layout } from "../layout.js";
import { localVariable, type LocalVariable } from "../expressions/local-variable.js";
import type { EngineFunctions } from "../slot-ops.js";
import { entryOf } from "../tlb.js";
import { Words, type Word } from "../expressions/words.js";

export interface LoopFunctions extends EngineFunctions {
  readonly fetchPage: number;
  readonly fetchOne: number;
  readonly enterAddressSpaces: number;
  readonly takePendingInterrupt: number;
  readonly decodeSlot: number;
  readonly noteHot: number;
  readonly noteSplit: number;
  readonly noteTranslated: number;
  /** The signature of compiled code, for calls through the table. */
  readonly codeType: number;
  readonly noteRecorded: number;
  readonly noteStretch: number;
  /** How many arrivals make a slot hot. Infinity: it never is. */
  readonly hotThreshold: number;
  /** Compiled code goes on to other code by itself: see compiled/ways-out.ts. */
  readonly traces: boolean;
  /** Executes an instruction outside the loop, after a call of `executesOutOfLine`. */
  readonly executeOutOfLine: number;
  readonly executesOutOfLine: (instruction: NumberedInstruction) => void;
}

export class LoopState {
  readonly asm = new Assembler();
  readonly w = new Words(this.asm);
  readonly v = new CompiledValues(this.asm);

  readonly slot = this.w.variable();
  /** The slots of the present page. */
  readonly codeBase = this.w.variable();
  /** Instructions left before the next boundary: in memory, `CONTROL.remaining`. */
  readonly remaining = this.w.variable();
  private readonly tlbEntry = this.w.variable();
  readonly target = this.w.variable();
  /** A jump's, in bytes of code. */
  readonly displacement = this.w.variable();
  /** The present slot's. It is read before the loop goes on to the slot. */
  readonly handler = this.w.variable();
  readonly heat = this.w.variable();
  readonly chunk = this.w.variable();
  readonly pageVa = this.wide();
  /** The page that a jump may stay in: `pageVa`, or a value that no address equals while the scratch slot runs. */
  readonly jumpPage = this.wide();
  readonly context = this.wide();
  readonly fetchContext = this.wide();
  /** Where a jump goes. While instructions execute, `slot` says where control is. */
  readonly pc = this.wide();

  readonly pageOfPc: Code = this.v.and(this.pc, this.v.i64(PAGE_MASK));
  /** The address of the present instruction. */
  readonly currentPc: Code;
  /** The handler of the present slot. */
  readonly slotHandler: Word = this.w.load("i32.load16_u", this.slot, SLOT.handler);

  constructor(private readonly layout: Layout) {
    const { w, v, slot, codeBase, pageVa } = this;
    const offset = w.shrU(w.sub(slot, codeBase), w.i32(SLOT_SHIFT));
    this.currentPc = v.add(pageVa, w.zeroExtend(offset));
  }

  /** All 64 bits of a control variable. */
  setControl(name: ControlField, value: Word): void {
    this.v.setControl(name, this.w.zeroExtend(value));
  }

  readHandler(): void {
    this.handler.set(this.slotHandler);
  }

  addTo(variable: LocalVariable, amount: number): void {
    variable.set(this.w.add(variable, this.w.i32(amount)));
  }

  storePc(value: Code): void {
    this.v.setField("pc", value);
  }

  spillRemaining(): void {
    this.setControl("remaining", this.remaining);
  }

  /** Stores to memory what functions outside the loop look for there. */
  spill(): void {
    this.storePc(this.currentPc);
    this.spillRemaining();
  }

  /** Finds the decoded code of pc in the page of `pageVa`. Returns whether the fetch TLB has it. */
  findCode(): Word {
    const { asm, w, v, tlbEntry: entry, pc } = this;
    this.codeBase.set(w.load("i32.load", entry.tee(entryOf(asm, pc)), FETCH_TLB + 8));
    return v.eq(w.load("i64.load", entry, FETCH_TLB), v.or(this.pageVa, this.fetchContext));
  }

  /** Finds the slot of pc, which lies in the page of `codeBase`. */
  toSlotOfPc(): void {
    const { w, slot, codeBase, pc } = this;
    slot.set(slotOf(w, codeBase, w.low(pc)));
  }

  /** The address of the present slot's entry in a table with `bytes` per slot. */
  besideSlot(table: number, bytes: 2 | 4): Word {
    const { w, slot, layout } = this;
    return besideSlot(w, layout, slot, { table, bytes });
  }

  private wide(): LocalVariable {
    return localVariable(this.asm, this.asm.local("i64"));
  }
}
