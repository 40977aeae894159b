/**
 * The semantics compiled to WebAssembly.
 *
 * This holds what the tiers share: memory through the TLB, and floating point. Each tier says where operands lie and
 * how an unfinished instruction is left.
 */
import type { FloatOperation } from "../float/operations.js";
import type { Ops, Width } from "../hart/ops.js";
import type { LoadOpcode, StoreOpcode } from "../wasm/opcodes.js";
import type { Code } from "./expressions/compiled-values.js";
import { WordValues, type Facts } from "./expressions/word-values.js";
import { markFloatDirty, requireFloat, roundingMode } from "../hart/float-status.js";
import { floatFastPath, NX, type FloatCall } from "./expressions/float-fast-path.js";
import { PAGE_MASK, READ_TLB, WRITE_TLB } from "./layout.js";
import { tlbEntry } from "./tlb.js";

export const WIDTHS: readonly Width[] = [1, 2, 4, 8];
export const LOADS: Readonly<Record<Width, LoadOpcode>> = {
  1: "i64.load8_u",
  2: "i64.load16_u",
  4: "i64.load32_u",
  8: "i64.load",
};
export const STORES: Readonly<Record<Width, StoreOpcode>> = {
  1: "i64.store8",
  2: "i64.store16",
  4: "i64.store32",
  8: "i64.store",
};

const LOADED: Readonly<Record<Width, Facts>> = {
  1: { isSigned: true, isUnsigned: true, most: 0xffn },
  2: { isSigned: true, isUnsigned: true, most: 0xffffn },
  4: { isUnsigned: true },
  8: {},
};

export interface AccessPaths {
  /** Finds the host address on the stack, except for an offset that all addresses share. */
  readonly hit: (offset: number) => void;
  readonly miss: () => void;
}

export abstract class WasmOps<R> extends WordValues implements Ops<Code, Code, R> {
  abstract x(register: R): Code;
  abstract setX(register: R, value: Code): void;
  abstract f(register: R): Code;
  abstract setF(register: R, value: Code): void;

  load(width: Width, address: Code): Code {
    return this.loadBy("load", READ_TLB, width, address);
  }

  loadForStore(width: Width, address: Code): Code {
    return this.loadBy("store", WRITE_TLB, width, address);
  }

  store(width: Width, address: Code, value: Code): void {
    const bound = this.bind(address);
    this.translated(WRITE_TLB, width, bound, {
      hit: (offset) => {
        value();
        this.asm.memory(STORES[width], offset);
      },
      miss: () => {
        this.storeMissed(width, bound, value);
      },
    });
  }

  requireFloat(): void {
    requireFloat(this);
  }

  floatWritten(): void {
    markFloatDirty(this);
  }

  roundingMode(rm: Code): Code {
    return roundingMode(this, rm);
  }

  float(operation: FloatOperation, rm: Code, ...inputs: readonly Code[]): Code {
    const exact = this.floatExactly(operation, rm, inputs);
    const fast = floatFastPath(operation);
    return fast === undefined ? exact : fast(this, { requireRounding: this.requireRounding(rm), inputs, exact });
  }

  abstract pc(): Code;
  abstract nextPc(): Code;
  abstract jumpTo(target: Code): void;
  abstract jumpBy(displacement: Code): void;
  abstract branchBy(condition: Code, displacement: Code): void;
  abstract trap(cause: Code, trapValue: Code): void;
  abstract illegal(): void;
  abstract pause(): void;

  /** Gives up unless rm is this mode and NX is set. */
  protected requireRounding(rm: Code): FloatCall["requireRounding"] {
    return (mode, giveUp) => {
      const isNX = this.ne(this.and(this.field("fflags"), this.i64(NX)), this.i64(0n));
      this.not(this.both(this.eq(rm, this.i64(mode)), isNX))();
      this.asm.brIf(giveUp);
    };
  }

  /** Leaves the id of the address space of loads and stores, at its place in a tag: an i64. */
  protected abstract dataContext(): void;
  /** Leaves the value on the stack, or leaves the instruction. */
  protected abstract loadMissed(kind: "load" | "store", width: Width, address: Code): void;
  protected abstract storeMissed(width: Width, address: Code, value: Code): void;
  protected abstract floatExactly(operation: FloatOperation, rm: Code, inputs: readonly Code[]): Code;

  private loadBy(kind: "load" | "store", tlb: number, width: Width, address: Code): Code {
    const { asm } = this;
    const bound = this.bind(address);
    const result = this.temporary("i64");
    this.translated(tlb, width, bound, {
      hit: (offset) => {
        asm.memory(LOADS[width], offset);
        asm.set(result);
      },
      miss: () => {
        this.loadMissed(kind, width, bound);
        asm.set(result);
      },
    });
    return this.loaded(width, () => {
      asm.get(result);
    });
  }

  protected loaded(width: Width, code: () => void): Code {
    return this.sameFacts(code, LOADED[width]);
  }

  protected translated(tlb: number, bytes: number, address: Code, paths: AccessPaths): void {
    const { asm } = this;
    const entry = this.temporary("i32");
    tlbEntry(asm, address);
    asm.tee(entry);
    asm.memory("i64.load", tlb);
    // The page of the last byte, so an access to two pages misses.
    address();
    if (bytes > 1) {
      asm.i64(BigInt(bytes - 1));
      asm.op("i64.add");
    }
    asm.i64(PAGE_MASK);
    asm.op("i64.and");
    this.dataContext();
    asm.op("i64.or");
    asm.op("i64.eq");
    asm.if(() => {
      address();
      asm.op("i32.wrap_i64");
      asm.get(entry);
      asm.memory("i32.load", tlb + 8);
      asm.op("i32.add");
      paths.hit(0);
    }, paths.miss);
  }
}
