/**
 * Compiles one trace to one WebAssembly function: straight code, each way out a tail call. A register is read once, and
 * written through to memory, so that a way out has nothing to write back.
 *
 * V8's optimiser takes longer the larger and the more branched a function is: so this costs half of what a region does,
 * for each instruction.
 */
import { Assembler, type Label } from "../../wasm/assembler.js";
import { accessGroups, type AccessGroup } from "../compiled/access-groups.js";
import { findData, floatStatus, loadFloatStatus } from "../compiled/code-entry.js";
import { CODE_SIGNATURE, WAYS_OUT } from "../compiled/code-protocol.js";
import { distanceOf, type PlacedInstruction } from "../compiled/compilable.js";
import { CompiledOps } from "../compiled/compiled-ops.js";
import { FETCH_TLB, F_BASE, PAGE_BYTES, X_BASE, type Layout } from "../layout.js";
import { entryOf } from "../tlb.js";
import { CompiledValues } from "../expressions/compiled-values.js";
import { localVariable } from "../expressions/local-variable.js";
import { Words } from "../expressions/words.js";
import type { Trace } from "./trace.js";
import { TraceRegisters } from "./trace-registers.js";
import type { TraceSites } from "./trace-sites.js";

export interface TraceSource {
  readonly trace: Trace;
  readonly sites: TraceSites;
  /** The layout of RAM, if loads and stores rely on `directRam`. */
  readonly directRam: Layout | undefined;
  readonly isSplit: (offset: number) => boolean;
  /** The address of a code page's slots, by its distance. */
  readonly codeAt: (distance: number) => number;
  /** The address of the word of the code that begins at this offset, on a page of the trace. */
  readonly codeWordAt: (offset: number) => number;
}

export const traceFunction = (source: TraceSource): Assembler => new TraceEmitter(source).emit();

const [DISPATCH, EXIT, HAND_OVER] = [
  WAYS_OUT.indexOf("dispatch"),
  WAYS_OUT.indexOf("exit"),
  WAYS_OUT.indexOf("handOver"),
];

class TraceEmitter {
  private readonly asm = new Assembler(CODE_SIGNATURE.parameters);
  private readonly w = new Words(this.asm);
  private readonly v = new CompiledValues(this.asm);
  private readonly pageVa = this.w.parameter(0);
  private readonly budget = this.w.parameter(1);
  private readonly context = localVariable(this.asm, this.asm.local("i64"));
  private readonly pc = localVariable(this.asm, this.asm.local("i64"));
  private readonly float = floatStatus(this.w);
  private readonly x = new TraceRegisters(this.asm, X_BASE);
  private readonly f = new TraceRegisters(this.asm, F_BASE);
  /** The pages that this execution has seen at their places. The first is: control came in by it. */
  private readonly seen = new Set([0]);
  private readonly groups: ReadonlyMap<PlacedInstruction, AccessGroup>;
  private readonly ops: CompiledOps;
  /** The present instruction: its offset, those before it, and its site once there is one. */
  private present: { offset: number; insns: number; group?: AccessGroup | undefined; site?: number } = {
    ...{ offset: 0, insns: 0 },
  };

  constructor(private readonly source: TraceSource) {
    this.groups = accessGroups(source.trace.instructions, source.isSplit);
    this.ops = new CompiledOps({
      asm: this.asm,
      pageVa: this.pageVa,
      dataContext: this.context,
      directRam: source.directRam,
      ...this.float,
      x: this.x,
      f: this.f,
      leaveUnfinished: () => {
        const { offset, insns } = this.present;
        this.handOver((this.present.site ??= this.source.sites.handOver({ offset, insns })));
      },
      leaveSplit: () => {
        const { offset, insns } = this.present;
        this.handOver(this.source.sites.handOver({ offset, insns, group: this.presentGroup() }));
      },
    });
  }

  emit(): Assembler {
    const { asm, w, v, source } = this;
    this.ops.enterBlock(this.groups);
    if (source.trace.isLoop) {
      asm.loop((again) => {
        this.path(again);
      });
    } else this.path(undefined);
    asm.op("unreachable");
    asm.prepend(() => {
      findData(w, v, this.budget, this.context, source.directRam);
      if (this.f.isUsed) loadFloatStatus(w, v, this.float);
      this.x.load();
      this.f.load();
    });
    return asm;
  }

  private path(again: Label | undefined): void {
    const { w, source } = this;
    const { instructions } = source.trace;
    w.when(w.ltU(this.budget, w.i32(instructions.length)), () => {
      this.handOver(source.sites.handOver({ offset: instructions[0]?.offset ?? 0, insns: 0 }));
    });
    instructions.forEach((instruction, index) => {
      this.present = { offset: instruction.offset, insns: index, group: this.groups.get(instruction) };
      this.ops.emit(instruction);
      this.goOn(instruction, index, again);
      this.ops.releaseLocals();
    });
  }

  /** To the next instruction of the trace, where control came that way, or out of it. */
  private goOn({ offset, decoded }: PlacedInstruction, index: number, again: Label | undefined): void {
    const { w, v, ops, source } = this;
    const { instructions } = source.trace;
    const isLast = index === instructions.length - 1;
    const next = isLast && again !== undefined ? instructions[0]?.offset : instructions[index + 1]?.offset;
    const insns = index + 1;
    const after = offset + decoded.bytes;
    const { terminator } = ops;
    switch (terminator?.kind) {
      case "branch": {
        const taken = offset + decoded.imm;
        const isTaken = next === taken && taken !== after;
        w.when(isTaken ? w.not(terminator.condition) : terminator.condition, () => {
          this.exit(isTaken ? after : taken, insns);
        });
        this.arrive(isTaken ? taken : after, insns, { isLast, again });
        break;
      }
      case "indirect":
        this.pc.set(terminator.target);
        if (next === undefined) this.exitToPc(insns);
        else {
          w.when(v.ne(this.pc, ops.inPage(next)), () => {
            this.exitToPc(insns);
          });
          this.arrive(next, insns, { isLast, again });
        }
        break;
      case "jump":
        this.arrive(offset + decoded.imm, insns, { isLast, again });
        break;
      case undefined:
        this.arrive(after, insns, { isLast, again });
        break;
      default:
        terminator satisfies never;
    }
    ops.terminator = undefined;
  }

  /** Control is at this offset: on the trace, at its head again, or behind its end. */
  private arrive(
    offset: number,
    insns: number,
    { isLast, again }: { readonly isLast: boolean; readonly again: Label | undefined },
  ): void {
    const { asm, w, budget } = this;
    if (!isLast) {
      this.seePage(offset, insns);
      return;
    }
    if (again === undefined) {
      this.exit(offset, insns);
      return;
    }
    budget.set(w.sub(budget, w.i32(insns)));
    asm.br(again);
  }

  /** Leaves, unless the page of this offset is still where it was. */
  private seePage(offset: number, insns: number): void {
    const distance = distanceOf(offset);
    if (this.seen.has(distance)) return;
    const { asm, w, v, ops, source } = this;
    const page = ops.inPage(distance * PAGE_BYTES);
    const entry = localVariable(asm, ops.temporary("i32"));
    const tag = w.load("i64.load", entry.tee(entryOf(asm, page)), FETCH_TLB);
    const isUnmapped = v.ne(tag, v.or(page, v.control("fetchContext")));
    const hasOther = w.ne(w.load("i32.load", entry, FETCH_TLB + 8), w.i32(source.codeAt(distance)));
    w.when(w.or(isUnmapped, hasOther), () => {
      this.exit(offset, insns);
    });
    this.seen.add(distance);
  }

  private exit(offset: number, insns: number): void {
    const { w, source } = this;
    const codeWord = this.seen.has(distanceOf(offset)) ? source.codeWordAt(offset) : undefined;
    w.returnCall(EXIT, this.pageVa, this.budget, w.i32(source.sites.exit({ offset, insns, codeWord })));
  }

  private exitToPc(insns: number): void {
    const { w, pc, budget } = this;
    w.returnCall(DISPATCH, pc, w.sub(budget, w.i32(insns)), w.i32(0));
  }

  private handOver(site: number): void {
    const { w, pageVa, budget } = this;
    w.returnCall(HAND_OVER, pageVa, budget, w.i32(site));
  }

  private presentGroup(): { register: number; lowest: number; bytes: number } | undefined {
    const { group } = this.present;
    return group === undefined ? undefined : { ...group, register: group.base * 8 };
  }
}
