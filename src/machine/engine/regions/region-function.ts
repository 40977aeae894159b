/** One region as one WebAssembly function: guest registers in locals, structured control flow, one way out. */
import type { HartField } from "../../hart/fields.js";
import { FS_DIRTY } from "../../hart/mstatus.js";
import { Assembler, type Label, type Local } from "../../wasm/assembler.js";
import type { Signature } from "../../wasm/module-builder.js";
import { NX } from "../float-fast-path.js";
import { controlAddress, F_BASE, fieldAddress, PAGE_BYTES, X_BASE } from "../layout.js";
import { successorsOf, type Block } from "./control-flow-graph.js";
import { enterRecentPages } from "./recent-pages.js";
import { RegionOps } from "./region-ops.js";
import { structure, type Structure } from "./structure.js";

/** (the page's virtual address, budget, entry) -> the budget left, with `HANDED_OVER` set or not. */
export const REGION_SIGNATURE: Signature = { parameters: ["i64", "i32", "i32"], results: ["i32"] };
/** The interpreter must execute the instruction at `pc` itself, even where a region begins there. */
export const HANDED_OVER = 1 << 30;

/** A site is an offset in the page, and above it what to give back to the budget. */
const SITE_SHIFT = 12;

export interface RegionSource {
  readonly id: number;
  readonly blocks: ReadonlyMap<number, Block>;
  /** Offsets of blocks. */
  readonly entries: readonly number[];
  /** The address in `slotRegions` of the page's first slot. */
  readonly pageRegions: number;
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
  private readonly asm = new Assembler(REGION_SIGNATURE.parameters);
  private readonly pageVa = this.asm.parameter(0);
  private readonly budget = this.asm.parameter(1);
  private readonly entry = this.asm.parameter(2);
  private readonly site = this.asm.local("i32");
  private readonly pc = this.asm.local("i64");
  private readonly context = this.asm.local("i64");
  private readonly float = {
    floatDirty: this.asm.local("i32"),
    roundsToNearest: this.asm.local("i32"),
    isInexact: this.asm.local("i32"),
  };
  private readonly x = new RegisterLocals(this.asm, X_BASE);
  private readonly f = new RegisterLocals(this.asm, F_BASE);
  private readonly offsets: readonly number[];
  private readonly nodes: ReadonlyMap<number, number>;
  private readonly shape: Structure;
  private readonly labels = new Map<number, Label>();
  private readonly loops = new Map<number, Label>();
  private readonly ops: RegionOps;
  private handOver: Label = { depth: 0 };
  private leave: Label = { depth: 0 };
  private root: Label = { depth: 0 };
  private presentSite = 0;

  constructor(private readonly region: RegionSource) {
    this.offsets = [-1, ...region.blocks.keys()];
    this.nodes = new Map(this.offsets.map((offset, node) => [offset, node]));
    this.shape = structure({
      size: this.offsets.length,
      entries: region.entries.map((offset) => this.node(offset)),
      successors: (node) => this.successors(node),
    });
    this.ops = new RegionOps({
      asm: this.asm,
      pageVa: this.pageVa,
      dataContext: this.context,
      ...this.float,
      x: (index) => this.x.read(index),
      f: (index) => this.f.read(index),
      writeX: (index) => this.x.write(index),
      writeF: (index) => this.f.write(index),
      leaveUnfinished: () => {
        this.asm.i32(this.presentSite);
        this.asm.set(this.site);
        this.asm.br(this.handOver);
      },
    });
  }

  emit(): RegionFunction {
    const { asm } = this;
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
      this.setPc(() => {
        asm.get(this.site);
        asm.i32(PAGE_BYTES - 1);
        asm.op("i32.and");
        asm.op("i64.extend_i32_u");
      });
      asm.get(this.budget);
      asm.get(this.site);
      asm.i32(SITE_SHIFT);
      asm.op("i32.shr_u");
      asm.op("i32.add");
      asm.i32(HANDED_OVER);
      asm.op("i32.or");
      asm.set(this.budget);
    });
    this.x.writeBack();
    this.f.writeBack();
    asm.i32(0);
    asm.get(this.pc);
    asm.memory("i64.store", fieldAddress("pc"));
    asm.get(this.budget);
    asm.prepend(() => {
      asm.i32(0);
      asm.memory("i64.load", controlAddress("dataContext"));
      asm.set(this.context);
      enterRecentPages(asm, this.context);
      this.loadFloatStatus();
      this.x.load();
      this.f.load();
    });
    return { body: asm, entries: this.shape.entries.map((node) => this.offsets[node] ?? 0) };
  }

  private loadFloatStatus(): void {
    if (!this.f.isUsed) return;
    const { asm } = this;
    const masked = (name: HartField, mask: bigint): void => {
      asm.i32(0);
      asm.memory("i64.load", fieldAddress(name));
      asm.i64(mask);
      asm.op("i64.and");
    };
    masked("mstatus", FS_DIRTY);
    asm.i64(FS_DIRTY);
    asm.op("i64.eq");
    asm.set(this.float.floatDirty);
    masked("frm", -1n);
    asm.op("i64.eqz");
    asm.set(this.float.roundsToNearest);
    masked("fflags", NX);
    asm.op("i32.wrap_i64");
    asm.set(this.float.isInexact);
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
    this.asm.get(this.entry);
    this.asm.brTable(labels, first);
  }

  private block(node: number): void {
    const { asm, ops } = this;
    const block = this.region.blocks.get(this.offsets[node] ?? -1);
    if (block === undefined) throw new Error(`no block for node ${String(node)}`);
    const { instructions, end } = block;
    const count = instructions.length;
    asm.get(this.budget);
    asm.i32(count);
    asm.op("i32.sub");
    asm.tee(this.budget);
    asm.i32(0);
    asm.op("i32.lt_s");
    asm.if(() => {
      asm.i32((count << SITE_SHIFT) | block.offset);
      asm.set(this.site);
      asm.br(this.handOver);
    });
    ops.enterBlock();
    instructions.forEach(({ offset, decoded }, index) => {
      this.presentSite = ((count - index) << SITE_SHIFT) | offset;
      ops.emit(offset, decoded);
      if (ops.terminator === undefined) ops.releaseLocals();
    });
    const { terminator } = ops;
    if (terminator?.kind === "branch" && end.kind === "branch") {
      terminator.condition();
      asm.if(
        () => {
          this.go(node, end.taken);
        },
        () => {
          this.go(node, end.next);
        },
      );
    } else if (terminator?.kind === "indirect") {
      this.goIndirect(terminator.target);
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

  /** To an offset in the page or beyond it: within the region, or out. */
  private go(from: number, offset: number): void {
    const { asm } = this;
    const to = this.nodes.get(offset);
    if (to === undefined) {
      this.setPc(() => {
        asm.i64(BigInt(offset));
      });
      asm.br(this.leave);
      return;
    }
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
        asm.i32(this.shape.entries.indexOf(to));
        asm.set(this.entry);
        asm.br(this.root);
    }
  }

  /** A target on this page that is an entry of this region is dispatched to without leaving. */
  private goIndirect(target: () => void): void {
    const { asm } = this;
    const info = this.ops.temporary("i32");
    target();
    asm.tee(this.pc);
    asm.get(this.pageVa);
    asm.op("i64.sub");
    asm.i64(BigInt(PAGE_BYTES));
    asm.op("i64.lt_u");
    asm.if(() => {
      asm.get(this.pc);
      asm.op("i32.wrap_i64");
      asm.i32(PAGE_BYTES - 2);
      asm.op("i32.and");
      asm.i32(1);
      asm.op("i32.shl");
      asm.memory("i32.load", this.region.pageRegions);
      asm.tee(info);
      asm.i32(16);
      asm.op("i32.shr_u");
      asm.i32(this.region.id);
      asm.op("i32.eq");
      asm.if(() => {
        asm.get(info);
        asm.i32(0xffff);
        asm.op("i32.and");
        asm.set(this.entry);
        asm.br(this.root);
      });
    });
    asm.br(this.leave);
  }

  private setPc(offset: () => void): void {
    this.asm.get(this.pageVa);
    offset();
    this.asm.op("i64.add");
    this.asm.set(this.pc);
  }

  private successors(node: number): readonly number[] {
    const block = this.region.blocks.get(this.offsets[node] ?? -1);
    if (block === undefined) return [];
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

/** Guest registers kept in locals: loaded where the region uses them, stored where it may have changed them. */
class RegisterLocals {
  private readonly locals = new Map<number, Local>();
  private readonly written = new Set<number>();

  constructor(
    private readonly asm: Assembler,
    private readonly base: number,
  ) {}

  read(index: number): Local {
    let local = this.locals.get(index);
    if (local === undefined) {
      local = this.asm.local("i64");
      this.locals.set(index, local);
    }
    return local;
  }

  get isUsed(): boolean {
    return this.locals.size > 0;
  }

  write(index: number): Local {
    this.written.add(index);
    return this.read(index);
  }

  load(): void {
    for (const [index, local] of this.locals) {
      this.asm.i32(0);
      this.asm.memory("i64.load", this.base + index * 8);
      this.asm.set(local);
    }
  }

  writeBack(): void {
    for (const index of this.written) {
      this.asm.i32(0);
      this.asm.get(this.read(index));
      this.asm.memory("i64.store", this.base + index * 8);
    }
  }
}
