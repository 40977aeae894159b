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
import { tlbEntry } from "../tlb.js";
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
  private readonly pageVa = this.asm.parameter(0);
  private readonly budget = this.asm.parameter(1);
  private readonly context = this.asm.local("i64");
  private readonly pc = this.asm.local("i64");
  private readonly float = floatStatus(this.asm);
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
    const { asm, source } = this;
    this.ops.enterBlock(this.groups);
    if (source.trace.isLoop) {
      asm.loop((again) => {
        this.path(again);
      });
    } else this.path(undefined);
    asm.op("unreachable");
    asm.prepend(() => {
      findData(asm, this.budget, this.context, source.directRam);
      if (this.f.isUsed) loadFloatStatus(asm, this.float);
      this.x.load();
      this.f.load();
    });
    return asm;
  }

  private path(again: Label | undefined): void {
    const { asm, source } = this;
    const { instructions } = source.trace;
    const count = instructions.length;
    asm.get(this.budget);
    asm.i32(count);
    asm.op("i32.lt_u");
    asm.if(() => {
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
    const { asm, ops, source } = this;
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
        terminator.condition();
        if (isTaken) asm.op("i32.eqz");
        asm.if(() => {
          this.exit(isTaken ? after : taken, insns);
        });
        this.arrive(isTaken ? taken : after, insns, { isLast, again });
        break;
      }
      case "indirect":
        terminator.target();
        asm.set(this.pc);
        if (next === undefined) this.exitToPc(insns);
        else {
          asm.get(this.pc);
          ops.inPage(next)();
          asm.op("i64.ne");
          asm.if(() => {
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
    const { asm } = this;
    if (!isLast) {
      this.seePage(offset, insns);
      return;
    }
    if (again === undefined) {
      this.exit(offset, insns);
      return;
    }
    asm.get(this.budget);
    asm.i32(insns);
    asm.op("i32.sub");
    asm.set(this.budget);
    asm.br(again);
  }

  /** Leaves, unless the page of this offset is still where it was. */
  private seePage(offset: number, insns: number): void {
    const distance = distanceOf(offset);
    if (this.seen.has(distance)) return;
    const { asm, ops, source } = this;
    const page = ops.inPage(distance * PAGE_BYTES);
    const entry = ops.temporary("i32");
    tlbEntry(asm, page);
    asm.tee(entry);
    asm.memory("i64.load", FETCH_TLB);
    page();
    ops.control("fetchContext")();
    asm.op("i64.or");
    asm.op("i64.ne");
    asm.get(entry);
    asm.memory("i32.load", FETCH_TLB + 8);
    asm.i32(source.codeAt(distance));
    asm.op("i32.ne");
    asm.op("i32.or");
    asm.if(() => {
      this.exit(offset, insns);
    });
    this.seen.add(distance);
  }

  private exit(offset: number, insns: number): void {
    const { asm, source } = this;
    const codeWord = this.seen.has(distanceOf(offset)) ? source.codeWordAt(offset) : undefined;
    asm.get(this.pageVa);
    asm.get(this.budget);
    asm.i32(source.sites.exit({ offset, insns, codeWord }));
    asm.returnCall(EXIT);
  }

  private exitToPc(insns: number): void {
    const { asm } = this;
    asm.get(this.pc);
    asm.get(this.budget);
    asm.i32(insns);
    asm.op("i32.sub");
    asm.i32(0);
    asm.returnCall(DISPATCH);
  }

  private handOver(site: number): void {
    const { asm } = this;
    asm.get(this.pageVa);
    asm.get(this.budget);
    asm.i32(site);
    asm.returnCall(HAND_OVER);
  }

  private presentGroup(): { register: number; lowest: number; bytes: number } | undefined {
    const { group } = this.present;
    return group === undefined ? undefined : { ...group, register: group.base * 8 };
  }
}
