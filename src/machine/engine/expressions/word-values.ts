/**
 * 32-bit arithmetic in 32 bits. Knowing a value's upper half saves the extensions of W instructions. It also lets the
 * host's compiler recognise rotations and byte swaps.
 */
import { CompiledValues, type Code } from "./compiled-values.js";
import type { Opcode } from "../../wasm/opcodes.js";

const WORD_BITS = 32n;

export class WordValues extends CompiledValues {
  override i64(value: bigint): Code {
    const constant = BigInt.asIntN(64, value);
    const number = Number(constant);
    const isSigned = number === (number | 0);
    const low = isSigned ? number : Number(BigInt.asIntN(32, constant));
    return withFacts(super.i64(constant), {
      low: () => {
        this.asm.i32(low);
      },
      isSigned,
      isUnsigned: number >= 0 && number < 2 ** 32,
      constant,
      most: isSigned && low >= 0 ? constant : undefined,
    });
  }

  override add(a: Code, b: Code): Code {
    return this.wrapping("i64.add", "i32.add", a, b);
  }

  override sub(a: Code, b: Code): Code {
    return this.wrapping("i64.sub", "i32.sub", a, b);
  }

  override mul(a: Code, b: Code): Code {
    return this.wrapping("i64.mul", "i32.mul", a, b);
  }

  override and(a: Code, b: Code): Code {
    const most = a.most === undefined || (b.most !== undefined && b.most < a.most) ? b.most : a.most;
    if (most === undefined) return this.bitwise("i64.and", "i32.and", a, b);
    return this.extended(this.lowOp("i32.and", a, b), "i64.extend_i32_u", { ...POSITIVE, most });
  }

  override or(a: Code, b: Code): Code {
    return this.bitwise("i64.or", "i32.or", a, b);
  }

  override xor(a: Code, b: Code): Code {
    return this.bitwise("i64.xor", "i32.xor", a, b);
  }

  override eq(a: Code, b: Code): Code {
    return this.comparison("i64.eq", "i32.eq", a, b);
  }

  override ne(a: Code, b: Code): Code {
    return this.comparison("i64.ne", "i32.ne", a, b);
  }

  override ltS(a: Code, b: Code): Code {
    return this.comparison("i64.lt_s", "i32.lt_s", a, b);
  }

  // Sign extension keeps the unsigned order of 32-bit values.
  override ltU(a: Code, b: Code): Code {
    return this.comparison("i64.lt_u", "i32.lt_u", a, b);
  }

  override geS(a: Code, b: Code): Code {
    return this.comparison("i64.ge_s", "i32.ge_s", a, b);
  }

  override geU(a: Code, b: Code): Code {
    return this.comparison("i64.ge_u", "i32.ge_u", a, b);
  }

  override shl(a: Code, amount: Code): Code {
    const full = this.binary("i64.shl", a, amount);
    return isWordShift(amount) ? withFacts(full, { low: this.lowOp("i32.shl", a, amount) }) : full;
  }

  override shrU(a: Code, amount: Code): Code {
    if (a.isUnsigned !== true || !isWordShift(amount)) return this.binary("i64.shr_u", a, amount);
    const isPositive = (amount.constant ?? 0n) > 0n;
    return this.extended(this.lowOp("i32.shr_u", a, amount), "i64.extend_i32_u", {
      isUnsigned: true,
      isSigned: isPositive || a.isSigned === true,
    });
  }

  override shrS(a: Code, amount: Code): Code {
    if (a.isSigned !== true || !isWordShift(amount)) return this.binary("i64.shr_s", a, amount);
    return this.extended(this.lowOp("i32.shr_s", a, amount), "i64.extend_i32_s", { isSigned: true });
  }

  override bit(condition: Code): Code {
    return withFacts(super.bit(condition), { ...POSITIVE, low: condition, most: 1n });
  }

  override signExtend(a: Code, bits: 8 | 16 | 32): Code {
    if (bits !== 32) return withFacts(super.signExtend(a, bits), { isSigned: true });
    if (a.isSigned === true) return a;
    return this.extended(this.lowOf(a), "i64.extend_i32_s", { isSigned: true });
  }

  override zeroExtend(a: Code, bits: 8 | 16 | 32): Code {
    if (bits !== 32) return super.zeroExtend(a, bits);
    if (a.isUnsigned === true) return a;
    return this.extended(this.lowOf(a), "i64.extend_i32_u", { isUnsigned: true });
  }

  override select(condition: Code, then: Code, otherwise: Code): Code {
    return withFacts(super.select(condition, then, otherwise), {
      isSigned: then.isSigned === true && otherwise.isSigned === true,
      isUnsigned: then.isUnsigned === true && otherwise.isUnsigned === true,
    });
  }

  override bind(value: Code): Code {
    return this.sameFacts(super.bind(value), value);
  }

  /** Other code for the same value, with the same facts. */
  protected sameFacts(code: () => void, { isSigned, isUnsigned, most }: Facts): Code {
    return withFacts(code, { isSigned, isUnsigned, most });
  }

  private lowOf(a: Code): () => void {
    return (
      a.low ??
      ((): void => {
        a();
        this.asm.op("i32.wrap_i64");
      })
    );
  }

  private lowOp(opcode: Opcode, a: Code, b: Code): () => void {
    return () => {
      this.lowOf(a)();
      this.lowOf(b)();
      this.asm.op(opcode);
    };
  }

  private extended(low: () => void, extension: Opcode, facts: Facts): Code {
    return withFacts(
      () => {
        low();
        this.asm.op(extension);
      },
      { ...facts, low },
    );
  }

  /** The low half of the result depends only on the low halves. */
  private wrapping(wide: Opcode, word: Opcode, a: Code, b: Code): Code {
    return withFacts(this.binary(wide, a, b), { low: this.lowOp(word, a, b) });
  }

  private bitwise(wide: Opcode, word: Opcode, a: Code, b: Code): Code {
    const low = this.lowOp(word, a, b);
    if (a.isSigned === true && b.isSigned === true) {
      const isUnsigned = a.isUnsigned === true && b.isUnsigned === true;
      return this.extended(low, isUnsigned ? "i64.extend_i32_u" : "i64.extend_i32_s", { isSigned: true, isUnsigned });
    }
    if (a.isUnsigned === true && b.isUnsigned === true) {
      return this.extended(low, "i64.extend_i32_u", { isUnsigned: true });
    }
    return withFacts(this.binary(wide, a, b), { low });
  }

  private comparison(wide: Opcode, word: Opcode, a: Code, b: Code): Code {
    return a.isSigned === true && b.isSigned === true ? this.lowOp(word, a, b) : this.binary(wide, a, b);
  }
}

export type Facts = Pick<Code, "low" | "isSigned" | "isUnsigned" | "constant" | "most">;

/** Below 2 ** 31. */
const POSITIVE = { isSigned: true, isUnsigned: true } as const;

/** The new code becomes the value. Copying facts one by one, in one order, costs a tenth of merging objects. */
const withFacts = (code: () => void, { low, isSigned, isUnsigned, constant, most }: Facts): Code => {
  const value: { -readonly [Name in keyof Code]: Code[Name] } & (() => void) = code;
  value.low = low;
  value.isSigned = isSigned;
  value.isUnsigned = isUnsigned;
  value.constant = constant;
  value.most = most;
  return value;
};

/** Whether 32-bit and 64-bit shifts agree on this amount. */
const isWordShift = ({ most }: Code): boolean => most !== undefined && most < WORD_BITS;
