/**
 * What a trace's function consists of, piece by piece. A trace is straight code, each way out a tail call. A register
 * is read once, and written through to memory, so that a way out has nothing to write back.
 *
 * V8's optimiser takes longer the larger and the more branched a function is: so this costs half of what a region does,
 * for each instruction.
 *
 * A piece depends on what it is given, and on nothing that was emitted before. So it can be captured as a template.
 */
import type { Assembler, Local } from "../../wasm/assembler.js";
import { CompiledValues, type Code } from "../expressions/compiled-values.js";
import { localVariable, type LocalVariable } from "../expressions/local-variable.js";
import { Words, type Word } from "../expressions/words.js";
import type { AccessGroup } from "../compiled/access-groups.js";
import { findData, loadFloatStatus, type FloatStatus } from "../compiled/code-entry.js";
import { WAYS_OUT } from "../compiled/code-protocol.js";
import type { PlacedInstruction } from "../compiled/compilable.js";
import { CompiledOps } from "../compiled/compiled-ops.js";
import { FETCH_TLB, F_BASE, X_BASE, type Layout } from "../layout.js";
import { entryOf } from "../tlb.js";

export type RegisterFile = "x" | "f";

/** Conditions on floating point that hold from where one instruction of a trace has checked them, as bits. */
export const CHECKED = { floatDirty: 1, roundsToNearest: 2, isInexact: 4 } as const satisfies Record<
  keyof FloatStatus,
  number
>;
const CONDITIONS = Object.keys(CHECKED) as readonly (keyof FloatStatus)[];

/** The locals of a trace's function. */
export interface TraceLocals {
  readonly context: Local;
  readonly pc: Local;
  readonly float: Readonly<Record<keyof FloatStatus, Local>>;
  /** `isRead`: its value from before this instruction counts. */
  readonly register: (file: RegisterFile, index: number, isRead: boolean) => Local;
  /** For the host address of the present group of accesses. */
  readonly host: () => Local;
}

/** Where control is on a way out, and how many instructions of the trace have retired by then. */
export interface Way {
  /** From the start of the trace's first page. */
  readonly offset: number;
  readonly insns: number;
}

/** Numbers the ways out. */
export interface WaysOutOfTrace {
  /** The trace ends there. */
  readonly exit: (way: Way) => number;
  /** The interpreter executes what is there. */
  readonly handOver: (way: Way) => number;
  /** The same, where the present group of accesses is not on one page of the TLB. */
  readonly split: (way: Way) => number;
}

/** An instruction in its place in a trace. */
export interface Step extends PlacedInstruction {
  /** Those before it. */
  readonly insns: number;
  /** Where control goes on; undefined: the trace ends with a branch not taken, or with a jump to wherever it leads. */
  readonly next: number | undefined;
  /** Its group of accesses, and whether it looks up the place for the others. */
  readonly access: { readonly group: AccessGroup; readonly isFirst: boolean } | undefined;
  /** What was checked before, as bits of `CHECKED`. */
  readonly checked: number;
}

export interface TraceSource {
  readonly asm: Assembler;
  readonly locals: TraceLocals;
  readonly waysOut: WaysOutOfTrace;
  /** The layout of RAM, if loads and stores rely on `directRam`. */
  readonly directRam: Layout | undefined;
}

const [DISPATCH, EXIT, HAND_OVER] = [
  WAYS_OUT.indexOf("dispatch"),
  WAYS_OUT.indexOf("exit"),
  WAYS_OUT.indexOf("handOver"),
];

export class TraceEmitter {
  private readonly w: Words;
  private readonly v: CompiledValues;
  private readonly pageVa: LocalVariable;
  private readonly budget: LocalVariable;
  private readonly context: LocalVariable;
  private readonly pc: LocalVariable;
  private readonly float: FloatStatus;
  private readonly ops: CompiledOps;
  private present: Way = { offset: 0, insns: 0 };
  /** Of the present instruction, once there is one. */
  private unfinished: number | undefined;

  constructor(private readonly source: TraceSource) {
    const { asm, locals, waysOut, directRam } = source;
    this.w = new Words(asm);
    this.v = new CompiledValues(asm);
    this.pageVa = this.w.parameter(0);
    this.budget = this.w.parameter(1);
    this.context = localVariable(asm, locals.context);
    this.pc = localVariable(asm, locals.pc);
    this.float = Object.fromEntries(
      CONDITIONS.map((name) => [name, localVariable(asm, locals.float[name])]),
    ) as unknown as FloatStatus;
    this.ops = new CompiledOps({
      asm,
      pageVa: this.pageVa,
      dataContext: this.context,
      directRam,
      ...this.float,
      x: this.registers("x"),
      f: this.registers("f"),
      hostLocal: () => locals.host(),
      leaveUnfinished: () => {
        this.handOver((this.unfinished ??= waysOut.handOver(this.present)));
      },
      leaveSplit: () => {
        this.handOver(waysOut.split(this.present));
      },
    });
  }

  /** What is looked up once: how loads and stores find their place. */
  findData(): void {
    findData(this.w, this.v, this.budget, this.context, this.source.directRam);
  }

  loadFloatStatus(): void {
    loadFloatStatus(this.w, this.v, this.float);
  }

  loadRegister(file: RegisterFile, index: number): void {
    const { asm, locals } = this.source;
    asm.i32(0);
    asm.memory("i64.load", BASE[file] + index * 8);
    asm.set(locals.register(file, index, true));
  }

  /** Leaves where the budget does not last for all instructions of the trace, which begins at this offset. */
  checkBudget(insns: number, offset: number): void {
    const { w, source } = this;
    w.when(w.ltU(this.budget, w.i32(insns)), () => {
      this.handOver(source.waysOut.handOver({ offset, insns: 0 }));
    });
  }

  /** Repeats `body`, which has so many instructions. */
  loop(insns: number, body: () => void): void {
    const { w, budget } = this;
    const { asm } = this.source;
    asm.loop((again) => {
      body();
      budget.set(w.sub(budget, w.i32(insns)));
      asm.br(again);
    });
  }

  end(): void {
    this.source.asm.op("unreachable");
  }

  /** Executes it, and leaves where control goes on elsewhere than at `next`. Returns what is checked from then on. */
  instruction(step: Step): number {
    const { ops, source, float } = this;
    this.present = { offset: step.offset, insns: step.insns };
    this.unfinished = undefined;
    const { access } = step;
    ops.enterBlock(new Map(access === undefined ? [] : [[step, access.group]]));
    ops.goOnInBlock(
      new Map(access === undefined || access.isFirst ? [] : [[access.group, source.locals.host()]]),
      CONDITIONS.filter((name) => (step.checked & CHECKED[name]) !== 0).map((name) => float[name]),
    );
    ops.emit(step);
    this.goOn(step);
    ops.releaseLocals();
    const isChecked = (condition: Word): boolean => ops.checked.has(condition);
    return CONDITIONS.reduce((bits, name) => (isChecked(float[name]) ? bits | CHECKED[name] : bits), 0);
  }

  /** Leaves, unless this page of the trace is still where it was. */
  seePage({ page, code }: { readonly page: number; readonly code: number }, way: Way): void {
    const { w, v, ops } = this;
    const { asm } = this.source;
    const address = ops.inPage(page);
    const entry = localVariable(asm, ops.temporary("i32"));
    const tag = w.load("i64.load", entry.tee(entryOf(asm, address)), FETCH_TLB);
    const isUnmapped = v.ne(tag, v.or(address, v.control("fetchContext")));
    const hasOther = w.ne(w.load("i32.load", entry, FETCH_TLB + 8), w.i32(code));
    w.when(w.or(isUnmapped, hasOther), () => {
      this.exit(way);
    });
    ops.releaseLocals();
  }

  exit(way: Way): void {
    const { w, source } = this;
    w.returnCall(EXIT, this.pageVa, this.budget, w.i32(source.waysOut.exit(way)));
  }

  private goOn({ offset, decoded, insns, next }: Step): void {
    const { w, v, ops } = this;
    const { terminator } = ops;
    switch (terminator?.kind) {
      case "branch": {
        const after = offset + decoded.bytes;
        const taken = offset + decoded.imm;
        const isTaken = isTakenTo(next, { after, taken });
        w.when(isTaken ? w.not(terminator.condition) : terminator.condition, () => {
          this.exit({ offset: isTaken ? after : taken, insns: insns + 1 });
        });
        break;
      }
      case "indirect":
        this.pc.set(terminator.target);
        if (next === undefined) this.exitToPc(insns + 1);
        else {
          w.when(v.ne(this.pc, ops.inPage(next)), () => {
            this.exitToPc(insns + 1);
          });
        }
        break;
      case "jump":
      case undefined:
        break;
      default:
        terminator satisfies never;
    }
    ops.terminator = undefined;
  }

  private exitToPc(insns: number): void {
    const { w, pc, budget } = this;
    w.returnCall(DISPATCH, pc, w.sub(budget, w.i32(insns)), w.i32(0));
  }

  private handOver(site: number): void {
    const { w, pageVa, budget } = this;
    w.returnCall(HAND_OVER, pageVa, budget, w.i32(site));
  }

  private registers(file: RegisterFile): { read: (index: number) => Local; write: WriteRegister } {
    const { asm, locals } = this.source;
    return {
      read: (index) => locals.register(file, index, true),
      write: (index, value, mayNot) => {
        asm.i32(0);
        value();
        asm.tee(locals.register(file, index, mayNot));
        asm.memory("i64.store", BASE[file] + index * 8);
      },
    };
  }
}

type WriteRegister = (index: number, value: Code, mayNot: boolean) => void;

const BASE: Readonly<Record<RegisterFile, number>> = { x: X_BASE, f: F_BASE };

/** Whether a branch went to where it leads when it is taken. */
export const isTakenTo = (
  next: number | undefined,
  { after, taken }: { readonly after: number; readonly taken: number },
): boolean => next === taken && taken !== after;
