/**
 * The steps of XXH64 (xxHash's specification, 0.1.1) in WebAssembly's 64-bit arithmetic. Each function takes code that
 * leaves a value on the stack. It returns such code, or stores into a local.
 */
import type { Assembler, Local } from "../wasm/assembler.js";
import type { Opcode } from "../wasm/opcodes.js";

/** Code that leaves one i64. */
export type Value = () => void;

const PRIME_1 = 0x9e37_79b1_85eb_ca87n;
const PRIME_2 = 0xc2b2_ae3d_27d4_eb4fn;
const PRIME_3 = 0x1656_67b1_9e37_79f9n;
const PRIME_4 = 0x85eb_ca77_c2b2_ae63n;
const PRIME_5 = 0x27d4_eb2f_1656_67c5n;

/** The bytes that the four lanes take at once. */
export const STRIPE_BYTES = 32;

export class Xxh64Code {
  private readonly lanes: readonly [Local, Local, Local, Local];

  constructor(private readonly asm: Assembler) {
    this.lanes = [asm.local("i64"), asm.local("i64"), asm.local("i64"), asm.local("i64")];
  }

  /** Step 1: the initial lanes. */
  beginLanes(seed: Value): void {
    const [first, second, third, fourth] = this.lanes;
    this.set(first, this.add(seed, this.constant(PRIME_1 + PRIME_2)));
    this.set(second, this.add(seed, this.constant(PRIME_2)));
    this.set(third, seed);
    this.set(fourth, this.add(seed, this.constant(-PRIME_1)));
  }

  /** Step 1 for an input without a whole stripe. */
  beginShort(seed: Value): Value {
    return this.add(seed, this.constant(PRIME_5));
  }

  /** Step 2: `word(n)` is the n-th of a stripe's four words. */
  takeStripe(word: (index: number) => Value): void {
    this.lanes.forEach((lane, index) => {
      this.set(lane, this.round(this.get(lane), word(index)));
    });
  }

  /** Step 3. */
  converge(accumulator: Local): void {
    const rotated = ([1, 7, 12, 18] as const).map((bits, index) =>
      this.rotate(this.get(this.lanes[index] as Local), bits),
    );
    this.set(accumulator, rotated.reduce(this.add));
    for (const lane of this.lanes) {
      const mixed = this.xor(this.get(accumulator), this.round(this.constant(0n), this.get(lane)));
      this.set(accumulator, this.add(this.multiply(mixed, PRIME_1), this.constant(PRIME_4)));
    }
  }

  /** Step 5, for 8, 4 and 1 bytes after the last stripe. */
  takeWord(accumulator: Local, word: Value): void {
    const mixed = this.xor(this.get(accumulator), this.round(this.constant(0n), word));
    this.set(accumulator, this.add(this.multiply(this.rotate(mixed, 27), PRIME_1), this.constant(PRIME_4)));
  }

  takeHalf(accumulator: Local, half: Value): void {
    const mixed = this.xor(this.get(accumulator), this.multiply(half, PRIME_1));
    this.set(accumulator, this.add(this.multiply(this.rotate(mixed, 23), PRIME_2), this.constant(PRIME_3)));
  }

  takeByte(accumulator: Local, byte: Value): void {
    const mixed = this.xor(this.get(accumulator), this.multiply(byte, PRIME_5));
    this.set(accumulator, this.multiply(this.rotate(mixed, 11), PRIME_1));
  }

  /** Step 6: every bit of the input reaches every bit of the digest. */
  avalanche(accumulator: Local): void {
    for (const [shift, factor] of [
      [33n, PRIME_2],
      [29n, PRIME_3],
      [32n, 1n],
    ] as const) {
      const shifted = this.binary("i64.shr_u", this.get(accumulator), this.constant(shift));
      this.set(accumulator, this.multiply(this.xor(this.get(accumulator), shifted), factor));
    }
  }

  get(local: Local): Value {
    return () => {
      this.asm.get(local);
    };
  }

  set(local: Local, value: Value): void {
    value();
    this.asm.set(local);
  }

  add = (a: Value, b: Value): Value => this.binary("i64.add", a, b);

  private constant(value: bigint): Value {
    return () => {
      this.asm.i64(value);
    };
  }

  private xor(a: Value, b: Value): Value {
    return this.binary("i64.xor", a, b);
  }

  private multiply(a: Value, factor: bigint): Value {
    return this.binary("i64.mul", a, this.constant(factor));
  }

  private rotate(value: Value, bits: number): Value {
    return this.binary("i64.rotl", value, this.constant(BigInt(bits)));
  }

  private round(lane: Value, word: Value): Value {
    return this.multiply(this.rotate(this.add(lane, this.multiply(word, PRIME_2)), 31), PRIME_1);
  }

  private binary(opcode: Opcode, a: Value, b: Value): Value {
    return () => {
      a();
      b();
      this.asm.op(opcode);
    };
  }
}
