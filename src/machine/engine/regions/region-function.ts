/** Compiles one region to one WebAssembly function: guest registers in locals, structured control flow, one exit. */
import { Assembler, type Label, type Local } from "../../wasm/assembler.js";
import { CompiledValues, type Code } from "../expressions/compiled-values.js";
import { F_BASE, PAGE_BYTES, PAGE_SHIFT, X_BASE, type Layout } from "../layout.js";
import { localVariable } from "../expressions/local-variable.js";
import { Words } from "../expressions/words.js";
import { accessGroups } from "../compiled/access-groups.js";
import { findData, floatStatus, loadFloatStatus } from "../compiled/code-entry.js";
import { CODE_SIGNATURE, HANDED_OVER, LIES_APART } from "../compiled/code-protocol.js";
import { CompiledOps } from "../compiled/compiled-ops.js";
import { distanceOf } from "../compiled/compilable.js";
import { successorsOf, type Block } from "./control-flow-graph.js";
import { PresentPages, type RegionPage } from "./present-pages.js";
import { RegisterLocals } from "./register-locals.js";
import { budgetLooks } from "./budget-looks.js";
import { structure, type Structure } from "./structure.js";

/** A site is an offset, with the refund to the budget in the bits above. */
const SITE_SHIFT = 32n;
const siteOf = (offset: number, refund: number): bigint =>
  (BigInt(refund) << SITE_SHIFT) | BigInt.asUintN(32, BigInt(offset));

export interface RegionSource {
  readonly id: number;
  readonly blocks: ReadonlyMap<number, Block>;
  /** Offsets of blocks, from the first page's start, in ascending order. */
  readonly entries: readonly number[];
  readonly pages: readonly RegionPage[];
  /** The layout of RAM, if loads and stores rely on `directRam`. */
  readonly directRam: Layout | undefined;
  /** The function that goes on at any pc; undefined: the interpreter does. */
  readonly dispatch: number | undefined;
  /** Whether the group that begins here lies in two pages too often, so that its accesses are looked up one by one. */
  readonly isSplit: (offset: number) => boolean;
}

export interface RegionFunction {
  readonly body: Assembler;
  /** The offsets that can be entered, by number. */
  readonly entries: readonly number[];
}

export function regionFunction(source: RegionSource): RegionFunction {
  return new RegionEmitter(source).emit();
}

const ROOT = 0;

class RegionEmitter {
  private readonly asm = new Assembler(CODE_SIGNATURE.parameters);
  private readonly w = new Words(this.asm);
  private readonly v = new CompiledValues(this.asm);
  private readonly pageVa = this.w.parameter(0);
  private readonly budget = this.w.parameter(1);
  private readonly entry = this.w.parameter(2);
  private readonly site = localVariable(this.asm, this.asm.local("i64"));
  private readonly pc = localVariable(this.asm, this.asm.local("i64"));
  private readonly context = localVariable(this.asm, this.asm.local("i64"));
  private readonly float = floatStatus(this.w);
  private readonly x = new RegisterLocals(this.asm, X_BASE);
  private readonly f = new RegisterLocals(this.asm, F_BASE);
  private readonly pages: PresentPages;
  private readonly offsets: readonly number[];
  private readonly nodes: ReadonlyMap<number, number>;
  private readonly shape: Structure;
  /** The nodes that check the budget, and how much must be left there. */
  private readonly looks: ReadonlyMap<number, number>;
  private readonly labels = new Map<number, Label>();
  private readonly loops = new Map<number, Label>();
  private readonly ops: CompiledOps;
  private readonly hostLocals: Local[] = [];
  private handOver: Label = { depth: 0 };
  private leave: Label = { depth: 0 };
  private root: Label = { depth: 0 };
  /** The present instruction: its offset, and the refund to the budget if it is left unfinished. */
  private instruction = { offset: 0, refund: 0 };

  constructor(private readonly region: RegionSource) {
    this.pages = new PresentPages(this.w, this.v, this.pageVa, region.pages);
    this.offsets = [...region.blocks.keys()];
    this.nodes = new Map(this.offsets.map((offset, index) => [offset, index + 1]));
    const following = this.offsets.map((_, index) => this.successors(index + 1));
    const graph = {
      size: this.offsets.length + 1,
      entries: region.entries.map((offset) => this.node(offset)),
      successors: (node: number) => following[node - 1] ?? [],
    };
    this.shape = structure(graph);
    this.looks = budgetLooks(this.shape, {
      ...graph,
      insns: (node) => this.blockOf(node).instructions.length,
    });
    this.ops = new CompiledOps({
      asm: this.asm,
      pageVa: this.pageVa,
      dataContext: this.context,
      directRam: region.directRam,
      ...this.float,
      x: this.x,
      f: this.f,
      hostLocal: (group) => (this.hostLocals[group] ??= this.asm.local("i32")),
      leaveUnfinished: () => {
        this.handOverAt(this.v.i64(this.presentSite()));
      },
      leaveSplit: (address, bytes) => {
        const { w, v } = this;
        const site = this.presentSite();
        const last = v.add(address, v.i64(BigInt(bytes - 1)));
        const liesApart = w.not(v.isZero(v.shrU(v.xor(address, last), v.i64(BigInt(PAGE_SHIFT)))));
        const flagged = site | (BigInt(LIES_APART) << SITE_SHIFT);
        this.handOverAt(v.select(liesApart, v.i64(flagged), v.i64(site)));
      },
    });
  }

  emit(): RegionFunction {
    const { asm, w, v, site, budget } = this;
    asm.block((leave) => {
      this.leave = leave;
      asm.block((handOver) => {
        this.handOver = handOver;
        asm.loop((root) => {
          this.root = root;
          this.within(ROOT, this.shape.mergeChildren(ROOT));
        });
        asm.op("unreachable");
      });
      this.setPc(v.signExtend(site, 32));
      const refunded = w.add(budget, w.low(v.shrU(site, v.i64(SITE_SHIFT))));
      budget.set(w.or(refunded, w.i32(HANDED_OVER)));
    });
    this.x.writeBack();
    this.f.writeBack();
    v.setField("pc", this.pc);
    this.goOnElsewhere();
    budget();
    asm.prepend(() => {
      findData(w, v, budget, this.context, this.region.directRam);
      this.pages.find(this.entry, this.region.entries);
      if (this.f.isUsed) loadFloatStatus(w, v, this.float);
      this.x.load();
      this.f.load();
    });
    // The structure's additional entries serve only its own dispatch: `PresentPages` knows the places of the given
    // ones.
    return { body: asm, entries: this.region.entries };
  }

  /** Where the region was left, and nothing was handed over, to the code that begins there. */
  private goOnElsewhere(): void {
    const { w, pc, budget } = this;
    const { dispatch } = this.region;
    if (dispatch === undefined) return;
    w.when(w.ltU(budget, w.i32(LIES_APART)), () => {
      w.returnCall(dispatch, pc, budget, w.i32(0));
    });
  }

  /** The subtree of the dominator tree below a node. */
  private tree(node: number): void {
    const children = this.shape.mergeChildren(node);
    if (!this.shape.isLoopHeader(node)) {
      this.within(node, children);
      return;
    }
    this.asm.loop((loop) => {
      this.loops.set(node, loop);
      this.within(node, children);
    });
  }

  /** A node inside the blocks at whose ends its merge children follow. */
  private within(node: number, children: readonly number[]): void {
    const [outermost, ...rest] = children;
    if (outermost === undefined) {
      if (node === ROOT) this.dispatch();
      else this.block(node);
      return;
    }
    this.asm.block((label) => {
      this.labels.set(outermost, label);
      this.within(node, rest);
    });
    this.tree(outermost);
  }

  private dispatch(): void {
    const labels = this.shape.entries.map((node) => this.label(node));
    const [first] = labels;
    if (first === undefined) throw new Error("a region without an entry");
    this.entry();
    this.asm.brTable(labels, first);
  }

  private block(node: number): void {
    const { w, v, ops, budget } = this;
    const block = this.blockOf(node);
    const { instructions, end } = block;
    const count = instructions.length;
    budget.set(w.sub(budget, w.i32(count)));
    const needed = this.looks.get(node);
    if (needed !== undefined) {
      w.when(w.ltS(budget, w.i32(needed - count)), () => {
        this.handOverAt(v.i64(siteOf(block.offset, count)));
      });
    }
    ops.enterBlock(accessGroups(instructions, this.region.isSplit));
    instructions.forEach((instruction, index) => {
      this.instruction = { offset: instruction.offset, refund: count - index };
      ops.emit(instruction);
      if (ops.terminator === undefined) ops.releaseLocals();
    });
    const { terminator } = ops;
    if (terminator?.kind === "branch" && end.kind === "branch") {
      w.when(
        terminator.condition,
        () => {
          this.go(node, end.taken);
        },
        () => {
          this.go(node, end.next);
        },
      );
    } else if (terminator?.kind === "indirect" && end.kind === "indirect") {
      this.goIndirect(terminator.target, block.offset);
    } else if (end.kind === "jump") {
      this.go(node, end.target);
    } else if (end.kind === "leave") {
      this.go(node, end.offset);
    } else {
      throw new Error(`a block that ends with ${end.kind}, and no instruction that does it`);
    }
    ops.terminator = undefined;
    ops.releaseLocals();
  }

  /** Goes to an offset: within the region, or out of it. */
  private go(from: number, offset: number): void {
    const { asm } = this;
    const to = this.nodes.get(offset);
    const leave = (): void => {
      this.setPc(this.v.i64(BigInt(offset)));
      asm.br(this.leave);
    };
    if (to === undefined) {
      leave();
      return;
    }
    const absent = this.pages.absent(distanceOf(offset), distanceOf(this.offsets[from - 1] ?? NaN));
    if (absent !== undefined) this.w.when(absent, leave);
    switch (this.shape.edge(from, to)) {
      case "nested":
        this.tree(to);
        return;
      case "forward":
        asm.br(this.label(to));
        return;
      case "backward":
        asm.br(this.loops.get(to) ?? this.root);
        return;
      default:
        this.entry.set(this.w.i32(this.shape.entries.indexOf(to)));
        asm.br(this.root);
    }
  }

  /** If the target is an entry of this region, dispatches to it without leaving. */
  private goIndirect(target: () => void, from: number): void {
    const { asm, w, pc, entry } = this;
    const info = localVariable(asm, this.ops.temporary("i32"));
    pc.set(target);
    const isNear = ({ distance }: RegionPage): boolean => distance === distanceOf(from);
    const pages = [...this.region.pages].sort((a, b) => Number(isNear(b)) - Number(isNear(a)));
    w.block((elsewhere) => {
      w.block((found) => {
        for (const page of pages) {
          w.block((next) => {
            this.requirePage(page, distanceOf(from), next, elsewhere);
            const word = w.shl(w.and(w.low(pc), w.i32(PAGE_BYTES - 2)), w.i32(1));
            info.set(w.load("i32.load", word, page.regions));
            asm.br(found);
          });
        }
        asm.br(elsewhere);
      });
      w.branchIf(w.ne(w.shrU(info, w.i32(16)), w.i32(this.region.id)), elsewhere);
      entry.set(w.and(info, w.i32(0xffff)));
      asm.br(this.root);
    });
    asm.br(this.leave);
  }

  /** Goes on if pc lies in this page, to `other` if it does not, and to `elsewhere` if the page is absent. */
  private requirePage({ distance }: RegionPage, from: number, other: Label, elsewhere: Label): void {
    const { w, v, pc, pages } = this;
    w.branchIf(v.geU(v.sub(pc, pages.address(distance)), v.i64(BigInt(PAGE_BYTES))), other);
    const absent = pages.absent(distance, from);
    if (absent !== undefined) w.branchIf(absent, elsewhere);
  }

  private setPc(offset: Code): void {
    this.pc.set(this.v.add(this.pageVa, offset));
  }

  private handOverAt(site: Code): void {
    this.site.set(site);
    this.asm.br(this.handOver);
  }

  private presentSite(): bigint {
    return siteOf(this.instruction.offset, this.instruction.refund);
  }

  private blockOf(node: number): Block {
    const block = this.region.blocks.get(this.offsets[node - 1] ?? NaN);
    if (block === undefined) throw new Error(`no block for node ${String(node)}`);
    return block;
  }

  private successors(node: number): readonly number[] {
    const block = this.blockOf(node);
    const offsets = block.end.kind === "leave" ? [block.end.offset] : successorsOf(block);
    return offsets.flatMap((offset) => this.nodes.get(offset) ?? []);
  }

  private node(offset: number): number {
    const node = this.nodes.get(offset);
    if (node === undefined) throw new Error(`offset ${String(offset)} is no block of the region`);
    return node;
  }

  private label(node: number): Label {
    const label = this.labels.get(node);
    if (label === undefined) throw new Error(`node ${String(node)} has no label here`);
    return label;
  }
}
