/** Values are code that leaves them on WebAssembly's stack: arithmetic, conditions, locals, and the hart's fields. */
import type { HartField } from "../../hart/fields.js";
import type { Variable } from "../../hart/ops.js";
import type { Assembler, Label, Local } from "../../wasm/assembler.js";
import type { Opcode, ValueType } from "../../wasm/opcodes.js";
import { CONTROL, FIELD, type ControlField } from "../layout.js";
import { switchOn } from "./switch-on.js";

/** The code of one value, and what is known of the value. */
export interface Code {
  (): void;
  /** Leaves the low half of the value, as an i32. */
  readonly low?: (() => void) | undefined;
  /** The value is its low half, sign-extended or zero-extended. */
  readonly isSigned?: boolean | undefined;
  readonly isUnsigned?: boolean | undefined;
  readonly constant?: bigint | undefined;
  /** The value is from 0 to this. */
  readonly most?: bigint | undefined;
}

const NONE = { i32: 0, i64: 0, f32: 0, f64: 0 } as const;

export class CompiledValues {
  private readonly locals: Record<ValueType, Local[]> = { i32: [], i64: [], f32: [], f64: [] };
  /** How many of them the present instruction has. */
  private used: Record<ValueType, number> = { ...NONE };

  constructor(readonly asm: Assembler) {}

  /** Ends an instruction: locals bound so far may be reused. */
  releaseLocals(): void {
    this.used = { ...NONE };
  }

  temporary(type: ValueType): Local {
    return (this.locals[type][this.used[type]++] ??= this.asm.local(type));
  }

  i64(value: bigint): Code {
    return () => {
      this.asm.i64(value);
    };
  }

  add(a: Code, b: Code): Code {
    return this.binary("i64.add", a, b);
  }

  sub(a: Code, b: Code): Code {
    return this.binary("i64.sub", a, b);
  }

  mul(a: Code, b: Code): Code {
    return this.binary("i64.mul", a, b);
  }

  divS(a: Code, b: Code): Code {
    return this.binary("i64.div_s", a, b);
  }

  divU(a: Code, b: Code): Code {
    return this.binary("i64.div_u", a, b);
  }

  remS(a: Code, b: Code): Code {
    return this.binary("i64.rem_s", a, b);
  }

  remU(a: Code, b: Code): Code {
    return this.binary("i64.rem_u", a, b);
  }

  and(a: Code, b: Code): Code {
    return this.binary("i64.and", a, b);
  }

  or(a: Code, b: Code): Code {
    return this.binary("i64.or", a, b);
  }

  xor(a: Code, b: Code): Code {
    return this.binary("i64.xor", a, b);
  }

  shl(a: Code, b: Code): Code {
    return this.binary("i64.shl", a, b);
  }

  shrU(a: Code, b: Code): Code {
    return this.binary("i64.shr_u", a, b);
  }

  shrS(a: Code, b: Code): Code {
    return this.binary("i64.shr_s", a, b);
  }

  eq(a: Code, b: Code): Code {
    return this.binary("i64.eq", a, b);
  }

  ne(a: Code, b: Code): Code {
    return this.binary("i64.ne", a, b);
  }

  ltS(a: Code, b: Code): Code {
    return this.binary("i64.lt_s", a, b);
  }

  ltU(a: Code, b: Code): Code {
    return this.binary("i64.lt_u", a, b);
  }

  geS(a: Code, b: Code): Code {
    return this.binary("i64.ge_s", a, b);
  }

  geU(a: Code, b: Code): Code {
    return this.binary("i64.ge_u", a, b);
  }

  both(a: Code, b: Code): Code {
    return this.binary("i32.and", a, b);
  }

  either(a: Code, b: Code): Code {
    return this.binary("i32.or", a, b);
  }

  isZero(a: Code): Code {
    return this.then(a, "i64.eqz");
  }

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
          [number],
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

  /** `fast` leaves its result, or branches to `giveUp`. Then `otherwise` makes the result. */
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

  field(name: HartField): Code {
    return this.loadAt(FIELD[name]);
  }

  setField(name: HartField, value: Code): void {
    this.storeAt(FIELD[name], value);
  }

  control(name: ControlField): Code {
    return this.loadAt(CONTROL[name]);
  }

  setControl(name: ControlField, value: Code): void {
    this.storeAt(CONTROL[name], value);
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

  protected binary(opcode: Opcode, a: Code, b: Code): Code {
    return () => {
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
