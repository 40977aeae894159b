/**
 * a * b + c in double precision with one rounding, from plain double operations.
 *
 * The exact result is a sum of three doubles. First the two small ones are added. If the total is the same for the
 * largest and the smallest value that their sum can have, it is correct (Ziv, "Fast evaluation of elementary
 * mathematical functions with correctly rounded last bit", 1991). Otherwise the small sum is rounded to odd (Boldo and
 * Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd", 2008).
 */
import type { Label, Local } from "../../wasm/assembler.js";
import type { Opcode } from "../../wasm/opcodes.js";
import { requireExponent } from "./float-exponent.js";
import type { Code, CompiledValues } from "./compiled-values.js";

const BIAS = 1023n;
/** Between these powers of two nothing overflows or underflows, including the product's error term. */
const FACTOR_RANGE = 400n;
const PRODUCT_RANGE = 900n;
const ADDEND_RANGE = 900n;
const EXPONENT_SHIFT = 52n;
/** Veltkamp's constant for 53 bits. */
const SPLITTER = 2 ** 27 + 1;
/** Twice the relative error of rounding a sum. */
const DOUBT = 2 ** -52;

/** Leaves the result's bits, or gives up if they are not certain. */
export function emitFusedMultiplyAdd(o: CompiledValues, inputs: readonly Code[], giveUp: Label): void {
  const { asm } = o;
  const [aBits, bBits, cBits] = inputs as readonly [Code, Code, Code];
  const within = (bits: Code, range: bigint): Code => {
    const exponent = o.and(o.shrU(bits, o.i64(EXPONENT_SHIFT)), o.i64(0x7ffn));
    return o.ltU(o.sub(exponent, o.i64(BIAS - range)), o.i64(2n * range));
  };
  const isZero = (bits: Code): Code => o.eq(o.shl(bits, o.i64(1n)), o.i64(0n));

  const f = new Doubles(o);
  const a = f.fromBits(aBits);
  const b = f.fromBits(bBits);
  const c = f.fromBits(cBits);
  // A factor too large to split makes the error a NaN, and so all that follows.
  const product = f.twoProduct(a, b);
  o.not(within(f.bitsOf(product.value), PRODUCT_RANGE))();
  asm.brIf(giveUp);
  const sum = f.twoSum(product.value, c);
  const small = f.apply("f64.add", sum.error, product.error);
  const most = f.apply("f64.add", sum.value, f.scaled(small, 1 + DOUBT));
  const least = f.apply("f64.add", sum.value, f.scaled(small, 1 - DOUBT));
  const result = o.temporary("f64");
  asm.get(most);
  asm.set(result);
  asm.get(most);
  asm.get(least);
  asm.op("f64.eq");
  asm.op("i32.eqz");
  asm.if(() => {
    const factors = o.both(within(aBits, FACTOR_RANGE), within(bBits, FACTOR_RANGE));
    o.not(o.both(factors, o.either(within(cBits, ADDEND_RANGE), isZero(cBits))))();
    asm.brIf(giveUp);
    const low = f.twoSum(c, product.error);
    const high = f.twoSum(product.value, low.value);
    const rest = f.roundToOdd(f.twoSum(low.error, high.error));
    asm.get(f.apply("f64.add", high.value, rest));
    asm.set(result);
  });
  const bits = f.bitsOf(result);
  requireExponent(o, "d", bits, 2n, giveUp);
  bits();
}

interface Pair {
  readonly value: Local;
  /** The exact amount that rounding removed from `value`. */
  readonly error: Local;
}

/** Double arithmetic on locals. */
class Doubles {
  constructor(private readonly o: CompiledValues) {}

  fromBits(bits: Code): Local {
    return this.keep(() => {
      bits();
      this.asm.op("f64.reinterpret_i64");
    });
  }

  bitsOf(value: Local): Code {
    return this.o.bind(() => {
      this.asm.get(value);
      this.asm.op("i64.reinterpret_f64");
    });
  }

  scaled(value: Local, factor: number): Local {
    return this.keep(() => {
      this.asm.get(value);
      this.asm.f64(factor);
      this.asm.op("f64.mul");
    });
  }

  apply(opcode: Opcode, left: Local, right: Local): Local {
    return this.keep(() => {
      this.asm.get(left);
      this.asm.get(right);
      this.asm.op(opcode);
    });
  }

  /** Knuth's TwoSum. It needs no condition on the magnitudes. */
  twoSum(a: Local, b: Local): Pair {
    const value = this.apply("f64.add", a, b);
    const bPart = this.apply("f64.sub", value, a);
    const aPart = this.apply("f64.sub", value, bPart);
    const error = this.apply("f64.add", this.apply("f64.sub", a, aPart), this.apply("f64.sub", b, bPart));
    return { value, error };
  }

  /** Dekker's product over Veltkamp's halves. */
  twoProduct(a: Local, b: Local): Pair {
    const value = this.apply("f64.mul", a, b);
    const [aHigh, aLow] = this.split(a);
    const [bHigh, bLow] = this.split(b);
    const first = this.apply("f64.sub", this.apply("f64.mul", aHigh, bHigh), value);
    const second = this.apply("f64.add", first, this.apply("f64.mul", aHigh, bLow));
    const third = this.apply("f64.add", second, this.apply("f64.mul", aLow, bHigh));
    return { value, error: this.apply("f64.add", third, this.apply("f64.mul", aLow, bLow)) };
  }

  /** The sum rounded to odd. If it is inexact and its last bit is even, it moves one step towards the lost part. */
  roundToOdd({ value, error }: Pair): Local {
    const { o } = this;
    const bits = this.bitsOf(value);
    const errorBits = this.bitsOf(error);
    const isInexact = o.ne(o.shl(errorBits, o.i64(1n)), o.i64(0n));
    const isEven = o.eq(o.and(bits, o.i64(1n)), o.i64(0n));
    const isSameSign = o.geS(o.xor(bits, errorBits), o.i64(0n));
    const step = o.select(isSameSign, o.i64(1n), o.i64(-1n));
    return this.fromBits(o.bind(o.select(o.both(isInexact, isEven), o.add(bits, step), bits)));
  }

  private split(value: Local): readonly [Local, Local] {
    const scaled = this.scaled(value, SPLITTER);
    const high = this.apply("f64.sub", scaled, this.apply("f64.sub", scaled, value));
    return [high, this.apply("f64.sub", value, high)];
  }

  private keep(value: Code): Local {
    const local = this.o.temporary("f64");
    value();
    this.asm.set(local);
    return local;
  }

  private get asm(): CompiledValues["asm"] {
    return this.o.asm;
  }
}
