/**
 * The semantics compiled to WebAssembly: a value is the code that leaves it on the stack.
 *
 * What differs between the interpreter's loop and a function beside it (where operands lie, how an instruction is
 * left unfinished, how pc is known) is the `Frame`'s.
 */
import { floatOperationNumber, type FloatOperation } from "../isa/float-operations.js";
import { WAITING, type HartField } from "../hart/fields.js";
import type { HartInput, Operands, Ops, Procedure, Variable, Width } from "../isa/ops.js";
import type { Assembler, Label, Local } from "../wasm/assembler.js";
import type { MemoryOpcode, Opcode, ValueType } from "../wasm/opcodes.js";
import { floatFastPath } from "./float-fast-path.js";
import {
  ABORT,
  controlAddress,
  F_BASE,
  fieldAddress,
  PAGE_FLAG,
  PAGE_SHIFT,
  RAM_BASE,
  READ_TLB,
  SLOT,
  TLB_ENTRIES,
  WRITE_TLB,
  X_BASE,
  type ControlField,
  type Layout,
} from "./layout.js";

/** Emits the code that leaves one value on the stack. */
export type Code = () => void;

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
  readonly takeTrap: Procedure<2>;
}

export interface Frame {
  readonly asm: Assembler;
  /** The address of the instruction's slot. */
  readonly slot: Local;
  /** The id of the address space of loads and stores, in the place it has in a tag: an i64. */
  readonly dataContext: Code;
  readonly pc: Code;
  readonly nextPc: Code;
  /** Makes `pc` and `remaining` visible in memory, before a call that may need them. */
  readonly spill: () => void;
  /** After such a call: goes on, or leaves where it ended the instruction. */
  readonly resumeOrLeave: () => void;
  /** Leaves the instruction; `pc` and `abort` are set. */
  readonly leave: () => void;
  readonly jumpTo: (target: Code) => void;
  readonly jumpBy: (displacement: Code) => void;
}

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

export class WasmOps implements Ops<Code, Code, Code> {
  private readonly free: Record<ValueType, Local[]> = { i32: [], i64: [], f32: [], f64: [] };
  private used: Local[] = [];

  constructor(
    readonly frame: Frame,
    private readonly engine: EngineFunctions,
  ) {}

  /** Locals that were bound so far may be used again: an instruction ends. */
  releaseLocals(): void {
    for (const local of this.used) this.free[local.type].push(local);
    this.used = [];
  }

  temporary(type: ValueType): Local {
    const local = this.free[type].pop() ?? this.frame.asm.local(type);
    this.used.push(local);
    return local;
  }

  operands(): Operands<Code, Code> {
    const { asm, slot } = this.frame;
    const register =
      (offset: number): Code =>
      () => {
        asm.get(slot);
        asm.memory("i32.load16_u", offset);
      };
    const rawBits =
      (shift: number, bits: number): Code =>
      () => {
        asm.get(slot);
        asm.memory("i64.load32_u", SLOT.raw);
        asm.i64(BigInt(shift));
        asm.op("i64.shr_u");
        asm.i64(BigInt((1 << bits) - 1));
        asm.op("i64.and");
      };
    return {
      rd: register(SLOT.rd),
      rs1: register(SLOT.rs1),
      rs2: register(SLOT.rs2),
      // Only R4 has it, so it is taken from the encoding.
      rs3: () => {
        rawBits(27, 5)();
        asm.op("i32.wrap_i64");
        asm.i32(3);
        asm.op("i32.shl");
        asm.i32(X_BASE);
        asm.op("i32.add");
      },
      imm: () => {
        asm.get(slot);
        asm.memory("i64.load32_s", SLOT.immediate);
      },
      uimm: rawBits(15, 5),
      rm: rawBits(12, 3),
    };
  }

  i64(value: bigint): Code {
    return () => {
      this.frame.asm.i64(value);
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
        this.frame.asm.op("i32.wrap_i64");
        this.frame.asm.op("i64.extend_i32_u");
      };
    }
    return this.and(a, this.i64(bits === 8 ? 0xffn : 0xffffn));
  }

  select(condition: Code, then: Code, otherwise: Code): Code {
    return () => {
      then();
      otherwise();
      condition();
      this.frame.asm.op("select");
    };
  }

  bind(value: Code): Code {
    const local = this.temporary("i64");
    value();
    this.frame.asm.set(local);
    return () => {
      this.frame.asm.get(local);
    };
  }

  when(condition: Code, then: () => void, otherwise?: () => void): void {
    condition();
    this.frame.asm.if(then, otherwise);
  }

  variable(initial: Code): Variable<Code> {
    const local = this.temporary("i64");
    const set = (value: Code): void => {
      value();
      this.frame.asm.set(local);
    };
    set(initial);
    return {
      get: () => () => {
        this.frame.asm.get(local);
      },
      set,
    };
  }

  loop(condition: () => Code, body: () => void): void {
    const { asm } = this.frame;
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
    const { asm } = this.frame;
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

  /** `fast` leaves its result, or branches out of it: then `otherwise` makes the result. */
  attempt(fast: (giveUp: Label) => void, otherwise: Code): Code {
    const { asm } = this.frame;
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

  x(register: Code): Code {
    return () => {
      register();
      this.frame.asm.memory("i64.load");
    };
  }

  setX(register: Code, value: Code): void {
    register();
    value();
    this.frame.asm.memory("i64.store");
  }

  f(register: Code): Code {
    return () => {
      register();
      this.frame.asm.memory("i64.load", F_BASE - X_BASE);
    };
  }

  setF(register: Code, value: Code): void {
    register();
    value();
    this.frame.asm.memory("i64.store", F_BASE - X_BASE);
  }

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

  pmpAddress(index: Code): Code {
    return () => {
      index();
      this.frame.asm.op("i32.wrap_i64");
      this.frame.asm.i32(3);
      this.frame.asm.op("i32.shl");
      this.frame.asm.memory("i64.load", fieldAddress("pmpaddr0"));
    };
  }

  input(name: HartInput): Code {
    if (name !== "icount" && name !== "virtualNs") return this.control(name);
    const left = this.add(this.control("remaining"), this.control("stash"));
    // One more was counted off when this instruction started.
    const icount = this.sub(this.sub(this.control("endIcount"), left), this.i64(1n));
    return name === "icount"
      ? icount
      : this.add(this.control("clockBiasNs"), this.shl(icount, this.control("clockShift")));
  }

  load(width: Width, address: Code): Code {
    const { asm } = this.frame;
    const bound = this.bind(address);
    const result = this.temporary("i64");
    this.translated(READ_TLB, width, bound, {
      hit: () => {
        asm.memory(LOADS[width]);
        asm.set(result);
      },
      miss: () => {
        this.callSlow(this.engine.loadSlow, width, bound);
        asm.set(result);
      },
    });
    return () => {
      asm.get(result);
    };
  }

  loadForStore(width: Width, address: Code): Code {
    const { asm } = this.frame;
    const bound = this.bind(address);
    const result = this.temporary("i64");
    this.translated(WRITE_TLB, width, bound, {
      hit: () => {
        asm.memory(LOADS[width]);
        asm.set(result);
      },
      miss: () => {
        this.callSlow(this.engine.loadForStoreSlow, width, bound);
        asm.set(result);
      },
    });
    return () => {
      asm.get(result);
    };
  }

  store(width: Width, address: Code, value: Code): void {
    const { asm } = this.frame;
    const bound = this.bind(address);
    this.translated(WRITE_TLB, width, bound, {
      hit: () => {
        value();
        asm.memory(STORES[width]);
      },
      miss: () => {
        this.callSlow(this.engine.storeSlow, width, bound, value);
      },
    });
  }

  isRam(address: Code, bytes: number): Code {
    const offset = this.sub(address, this.i64(BigInt(RAM_BASE)));
    const last = this.i64(BigInt(this.engine.layout.ramBytes - bytes));
    return this.not(this.ltU(last, offset));
  }

  physicalLoad(address: Code): Code {
    return () => {
      this.hostAddress(address);
      this.frame.asm.memory("i64.load");
    };
  }

  /** Of a page-table entry by the walk itself: no translation that was derived from it becomes wrong. */
  physicalStore(address: Code, value: Code): void {
    const { asm, slot } = this.frame;
    const page = this.temporary("i32");
    const host = this.temporary("i32");
    this.hostAddress(address);
    asm.tee(host);
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

  notePageTable(address: Code): void {
    this.ramOffset(address);
    this.frame.asm.call(this.engine.notePageTable);
  }

  float(operation: FloatOperation, rm: Code, ...inputs: readonly Code[]): Code {
    const exact = (): void => {
      const { asm } = this.frame;
      asm.i32(floatOperationNumber(operation));
      rm();
      for (let index = 0; index < 3; index += 1) (inputs[index] ?? this.i64(0n))();
      asm.call(this.engine.float);
    };
    const fast = floatFastPath(operation);
    return fast === undefined ? exact : fast(this, { rm, inputs, exact });
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
    this.frame.asm.if(() => {
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
      asm.memory("i64.load32_u", SLOT.raw);
    });
  }

  resume(): void {
    this.setControl("abort", this.i64(BigInt(ABORT.resumed)));
    this.frame.leave();
  }

  waitForInterrupt(): void {
    this.setField("waiting", this.i64(WAITING.forPending));
    this.cut();
  }

  contextChanged(): void {
    this.setControl("contextStale", this.i64(1n));
    this.cut();
  }

  translationsChanged(): void {
    this.frame.asm.get(this.frame.slot);
    this.frame.asm.call(this.engine.flushTranslations);
  }

  cut(): void {
    this.setControl("stash", this.add(this.control("stash"), this.control("remaining")));
    this.setControl("remaining", this.i64(0n));
  }

  /** Leaves the i32 address in this memory of a physical address in RAM. */
  private hostAddress(address: Code): void {
    this.ramOffset(address);
    this.frame.asm.i32(this.engine.layout.ram);
    this.frame.asm.op("i32.add");
  }

  private ramOffset(address: Code): void {
    address();
    this.frame.asm.op("i32.wrap_i64");
    this.frame.asm.i32(RAM_BASE);
    this.frame.asm.op("i32.sub");
  }

  /** `hit` finds the host address on the stack. */
  private translated(tlb: number, width: Width, address: Code, paths: { hit: () => void; miss: () => void }): void {
    const { asm, dataContext } = this.frame;
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
    dataContext();
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

  private callSlow(functionIndex: number, width: Width, ...inputs: readonly Code[]): void {
    const { asm, slot, spill, resumeOrLeave } = this.frame;
    spill();
    asm.get(slot);
    asm.i32(width);
    for (const input of inputs) input();
    asm.call(functionIndex);
    resumeOrLeave();
  }

  private loadAt(address: number): Code {
    return () => {
      this.frame.asm.i32(0);
      this.frame.asm.memory("i64.load", address);
    };
  }

  private storeAt(address: number, value: Code): void {
    this.frame.asm.i32(0);
    value();
    this.frame.asm.memory("i64.store", address);
  }

  private binary(opcode: Opcode): (a: Code, b: Code) => Code {
    return (a, b) => () => {
      a();
      b();
      this.frame.asm.op(opcode);
    };
  }

  private then(a: Code, opcode: Opcode): Code {
    return () => {
      a();
      this.frame.asm.op(opcode);
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
