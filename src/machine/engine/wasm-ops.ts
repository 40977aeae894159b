/**
 * The semantics compiled to WebAssembly: a value is the code that leaves it on the stack.
 *
 * Here is what the tiers share: arithmetic, the hart's fields, memory through the TLB. Where operands lie and how an
 * instruction is left unfinished is each tier's own.
 */
import type { HartField } from "../hart/fields.js";
import type { FloatOperation } from "../isa/float-operations.js";
import type { HartInput, Ops, Procedure, Variable, Width } from "../isa/ops.js";
import type { Assembler, Label, Local } from "../wasm/assembler.js";
import type { MemoryOpcode, Opcode, ValueType } from "../wasm/opcodes.js";
import { floatFastPath } from "./float-fast-path.js";
import {
  controlAddress,
  fieldAddress,
  PAGE_SHIFT,
  READ_TLB,
  TLB_ENTRIES,
  WRITE_TLB,
  type ControlField,
} from "./layout.js";

/** Emits the code that leaves one value on the stack. */
export type Code = () => void;

const LOADS: Readonly<Record<Width, MemoryOpcode>> = {
  1: "i64.load8_u",
  2: "i64.load16_u",
  4: "i64.load32_u",
  8: "i64.load",
};
export const STORES: Readonly<Record<Width, MemoryOpcode>> = {
  1: "i64.store8",
  2: "i64.store16",
  4: "i64.store32",
  8: "i64.store",
};
export { LOADS };

const PAGE_MASK = -(1n << BigInt(PAGE_SHIFT));
const TLB_INDEX_MASK = (TLB_ENTRIES - 1) << 4;

export abstract class WasmOps<R> implements Ops<Code, Code, R> {
  private readonly free: Record<ValueType, Local[]> = { i32: [], i64: [], f32: [], f64: [] };
  private used: Local[] = [];

  constructor(readonly asm: Assembler) {}

  /** Locals that were bound so far may be used again: an instruction ends. */
  releaseLocals(): void {
    for (const local of this.used) this.free[local.type].push(local);
    this.used = [];
  }

  temporary(type: ValueType): Local {
    const local = this.free[type].pop() ?? this.asm.local(type);
    this.used.push(local);
    return local;
  }

  i64(value: bigint): Code {
    return () => {
      this.asm.i64(value);
    };
  }

  add = this.binary("i64.add");
  sub = this.binary("i64.sub");
  mul = this.binary("i64.mul");
  divS = this.binary("i64.div_s");
  divU = this.binary("i64.div_u");
  remS = this.binary("i64.rem_s");
  remU = this.binary("i64.rem_u");
  and = this.binary("i64.and");
  or = this.binary("i64.or");
  xor = this.binary("i64.xor");
  shl = this.binary("i64.shl");
  shrU = this.binary("i64.shr_u");
  shrS = this.binary("i64.shr_s");
  eq = this.binary("i64.eq");
  ne = this.binary("i64.ne");
  ltS = this.binary("i64.lt_s");
  ltU = this.binary("i64.lt_u");
  geS = this.binary("i64.ge_s");
  geU = this.binary("i64.ge_u");
  both = this.binary("i32.and");
  either = this.binary("i32.or");

  not(a: Code): Code {
    return this.then(a, "i32.eqz");
  }

  bit(condition: Code): Code {
    return this.then(condition, "i64.extend_i32_u");
  }

  signExtend(a: Code, bits: 8 | 16 | 32): Code {
    return this.then(a, `i64.extend${bits}_s`);
  }

  zeroExtend(a: Code, bits: 8 | 16 | 32): Code {
    if (bits === 32) {
      return () => {
        a();
        this.asm.op("i32.wrap_i64");
        this.asm.op("i64.extend_i32_u");
      };
    }
    return this.and(a, this.i64(bits === 8 ? 0xffn : 0xffffn));
  }

  select(condition: Code, then: Code, otherwise: Code): Code {
    return () => {
      then();
      otherwise();
      condition();
      this.asm.op("select");
    };
  }

  bind(value: Code): Code {
    const local = this.temporary("i64");
    value();
    this.asm.set(local);
    return () => {
      this.asm.get(local);
    };
  }

  when(condition: Code, then: () => void, otherwise?: () => void): void {
    condition();
    this.asm.if(then, otherwise);
  }

  variable(initial: Code): Variable<Code> {
    const local = this.temporary("i64");
    const set = (value: Code): void => {
      value();
      this.asm.set(local);
    };
    set(initial);
    return {
      get: () => () => {
        this.asm.get(local);
      },
      set,
    };
  }

  loop(condition: () => Code, body: () => void): void {
    const { asm } = this;
    asm.block((end) => {
      asm.loop((next) => {
        condition()();
        asm.op("i32.eqz");
        asm.brIf(end);
        body();
        asm.br(next);
      });
    });
  }

  choose(selector: Code, cases: readonly (readonly [number, () => Code])[], otherwise: () => Code): Code {
    const { asm } = this;
    const result = this.temporary("i64");
    asm.block((done) => {
      const settle = (make: () => Code): void => {
        make()();
        asm.set(result);
        asm.br(done);
      };
      switchOn(
        asm,
        () => {
          selector();
          asm.op("i32.wrap_i64");
        },
        cases.map(([number, make]) => [
          number,
          () => {
            settle(make);
          },
        ]),
        () => {
          settle(otherwise);
        },
      );
    });
    return () => {
      asm.get(result);
    };
  }

  abstract invoke<Arity extends number>(procedure: Procedure<Arity>, ...inputs: readonly Code[]): Code;

  /** `fast` leaves its result, or branches out of it: then `otherwise` makes the result. */
  attempt(fast: (giveUp: Label) => void, otherwise: Code): Code {
    const { asm } = this;
    const result = this.temporary("i64");
    asm.block((done) => {
      asm.block((giveUp) => {
        fast(giveUp);
        asm.set(result);
        asm.br(done);
      });
      otherwise();
      asm.set(result);
    });
    return () => {
      asm.get(result);
    };
  }

  abstract x(register: R): Code;
  abstract setX(register: R, value: Code): void;
  abstract f(register: R): Code;
  abstract setF(register: R, value: Code): void;

  field(name: HartField): Code {
    return this.loadAt(fieldAddress(name));
  }

  setField(name: HartField, value: Code): void {
    this.storeAt(fieldAddress(name), value);
  }

  control(name: ControlField): Code {
    return this.loadAt(controlAddress(name));
  }

  setControl(name: ControlField, value: Code): void {
    this.storeAt(controlAddress(name), value);
  }

  load(width: Width, address: Code): Code {
    return this.loadBy("load", READ_TLB, width, address);
  }

  loadForStore(width: Width, address: Code): Code {
    return this.loadBy("store", WRITE_TLB, width, address);
  }

  store(width: Width, address: Code, value: Code): void {
    const bound = this.bind(address);
    this.translated(WRITE_TLB, width, bound, {
      hit: () => {
        value();
        this.asm.memory(STORES[width]);
      },
      miss: () => {
        this.storeMissed(width, bound, value);
      },
    });
  }

  float(operation: FloatOperation, rm: Code, ...inputs: readonly Code[]): Code {
    const exact = this.floatExactly(operation, rm, inputs);
    const fast = floatFastPath(operation);
    return fast === undefined ? exact : fast(this, { rm, inputs, exact });
  }

  abstract input(name: HartInput): Code;
  abstract pmpAddress(index: Code): Code;
  abstract isRam(address: Code, bytes: number): Code;
  abstract physicalLoad(address: Code): Code;
  abstract physicalStore(address: Code, value: Code): void;
  abstract notePageTable(address: Code): void;
  abstract waitForInterrupt(): void;
  abstract contextChanged(): void;
  abstract translationsChanged(): void;
  abstract pc(): Code;
  abstract nextPc(): Code;
  abstract jumpTo(target: Code): void;
  abstract jumpBy(displacement: Code): void;
  abstract branchBy(condition: Code, displacement: Code): void;
  abstract trap(cause: Code, trapValue: Code): void;
  abstract illegal(): void;
  abstract resume(): void;

  /** Leaves the id of the address space of loads and stores, in the place it has in a tag: an i64. */
  protected abstract dataContext(): void;
  /** Leaves the value, or leaves the instruction. */
  protected abstract loadMissed(kind: "load" | "store", width: Width, address: Code): void;
  protected abstract storeMissed(width: Width, address: Code, value: Code): void;
  protected abstract floatExactly(operation: FloatOperation, rm: Code, inputs: readonly Code[]): Code;

  private loadBy(kind: "load" | "store", tlb: number, width: Width, address: Code): Code {
    const { asm } = this;
    const bound = this.bind(address);
    const result = this.temporary("i64");
    this.translated(tlb, width, bound, {
      hit: () => {
        asm.memory(LOADS[width]);
        asm.set(result);
      },
      miss: () => {
        this.loadMissed(kind, width, bound);
        asm.set(result);
      },
    });
    return () => {
      asm.get(result);
    };
  }

  /** `hit` finds the host address on the stack. */
  private translated(tlb: number, width: Width, address: Code, paths: { hit: () => void; miss: () => void }): void {
    const { asm } = this;
    const entry = this.temporary("i32");
    address();
    asm.i64(BigInt(PAGE_SHIFT - 4));
    asm.op("i64.shr_u");
    asm.op("i32.wrap_i64");
    asm.i32(TLB_INDEX_MASK);
    asm.op("i32.and");
    asm.tee(entry);
    asm.memory("i64.load", tlb);
    // A misaligned address keeps a low bit, and so misses.
    address();
    asm.i64(PAGE_MASK | BigInt(width - 1));
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
      paths.hit();
    }, paths.miss);
  }

  protected loadAt(address: number): Code {
    return () => {
      this.asm.i32(0);
      this.asm.memory("i64.load", address);
    };
  }

  protected storeAt(address: number, value: Code): void {
    this.asm.i32(0);
    value();
    this.asm.memory("i64.store", address);
  }

  private binary(opcode: Opcode): (a: Code, b: Code) => Code {
    return (a, b) => () => {
      a();
      b();
      this.asm.op(opcode);
    };
  }

  private then(a: Code, opcode: Opcode): Code {
    return () => {
      a();
      this.asm.op(opcode);
    };
  }
}

/** A jump table over sparse numbers: each case must leave by itself. */
export function switchOn(
  asm: Assembler,
  selector: Code,
  cases: readonly (readonly [number, () => void])[],
  otherwise: () => void,
): void {
  const size = Math.max(...cases.map(([number]) => number)) + 1;
  asm.block((toDefault) => {
    const nest = (index: number, labels: ReadonlyMap<number, { readonly depth: number }>): void => {
      const entry = cases[index];
      if (entry === undefined) {
        selector();
        asm.brTable(
          Array.from({ length: size }, (_, number) => labels.get(number) ?? toDefault),
          toDefault,
        );
        return;
      }
      asm.block((label) => {
        nest(index + 1, new Map([...labels, [entry[0], label]]));
      });
      entry[1]();
    };
    nest(0, new Map());
  });
  otherwise();
}
