/**
 * The interpreter's own floating point against the exact arithmetic, with NX set before, which lets the fast paths in.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { WasmEngine } from "../../../src/machine/engine/wasm-engine.js";
import { RAM_BASE } from "../../../src/machine/engine/layout.js";
import { FS_DIRTY } from "../../../src/machine/hart/mstatus.js";
import { INSTRUCTION_BY_NAME } from "../../../src/machine/isa/instruction-set.js";
import { OPERATIONS } from "../float/oracle-program.js";
import { DOUBLE, randomBits, randomOperands, SINGLE, specialValues, type Operands } from "../float/seeded-operands.js";
import { freshSeed, seededRandom, type Random } from "../../support/seeded-random.js";

const NX = 1;
const BOX = 0xffff_ffff_0000_0000n;
const RANDOM_CASES = 300;

const A0 = 10;
const REGISTERS = { a: 11, b: 12, c: 13 } as const;

/** `fadd.s fa0, fa1, fa2`: the operands are always these. */
const encode = (text: string, rm: number): number => {
  const [name = ""] = text.split(" ");
  // The assembler's names without a format are the table's.
  const instruction =
    INSTRUCTION_BY_NAME.get(name) ?? INSTRUCTION_BY_NAME.get(name.replace(/^fcvt\.(w|wu|l|lu)\.([sd])$/, "fcvt.$1.$2"));
  if (instruction === undefined) throw new Error(`no instruction ${name}`);
  const free = ~instruction.mask;
  const fields = (A0 << 7) | (rm << 12) | (REGISTERS.a << 15) | (REGISTERS.b << 20) | (REGISTERS.c << 27);
  return instruction.match | (fields & free) | 0;
};

const operandsFor = (kind: "s" | "d" | "x", text: string, random: Random): readonly Operands[] => {
  if (kind === "x") {
    return Array.from({ length: RANDOM_CASES }, () => ({
      a: randomBits(random, 64) >> BigInt(random(64)),
      b: 0n,
      c: 0n,
    }));
  }
  const format = kind === "s" ? SINGLE : DOUBLE;
  const specials = specialValues(format);
  const pairs = text.includes("fa2")
    ? specials.flatMap((a) => specials.map((b) => ({ a, b, c: specials[random(specials.length)] ?? 0n })))
    : specials.map((a) => ({ a, b: 0n, c: 0n }));
  const ties = kind === "d" && text.includes("fa3") ? nearTies(random) : [];
  return [...pairs, ...ties, ...Array.from({ length: RANDOM_CASES }, () => randomOperands(format, random))];
};

/** Products a hair beside half a unit in the addend's last place: rounding twice would show. */
const nearTies = (random: Random): readonly Operands[] =>
  Array.from({ length: RANDOM_CASES }, () => {
    const ONE = 1023n << 52n;
    const sign = (): bigint => BigInt(random(2)) << 63n;
    // (1 + i ulp)(1 - i ulp) = 1 - i^2 ulp^2, and below 1 an ulp is half as large.
    const distance = BigInt(random(3));
    const a = (ONE + distance) | sign();
    const b = (ONE - 2n * distance - (53n << 52n)) | sign();
    return { a, b, c: (ONE + randomBits(random, 52)) | sign() };
  });

const engine = new WasmEngine({ load: () => undefined, store: () => false }, { ramBytes: 1 << 20 });
const { ram, registers } = engine;

/** Each instruction in a place of its own: all stay decoded. */
let nextOffset = 0;
const place = (word: number): bigint => {
  const offset = nextOffset;
  nextOffset += 4;
  new DataView(ram.buffer, ram.byteOffset).setInt32(offset, word, true);
  engine.ramWritten(offset, 4);
  return BigInt(RAM_BASE + offset);
};

for (const { instruction: text, operands, result, roundingModes, ours } of OPERATIONS) {
  test(`given NX set, when ${text} runs in every rounding mode, then bits and flags are exact`, () => {
    const random = seededRandom(freshSeed());
    for (const rm of roundingModes) {
      // Comparisons and the like have no rm: their funct3 is part of the match.
      const pc = place(encode(text, rm));
      for (const { a, b, c } of operandsFor(operands, text, random)) {
        const box = operands === "s" ? BOX : 0n;
        registers.setField("pc", pc);
        registers.setField("privilege", 3n);
        registers.setField("mstatus", FS_DIRTY);
        registers.setField("fflags", BigInt(NX));
        registers.setF(REGISTERS.a, a | box);
        registers.setF(REGISTERS.b, b | box);
        registers.setF(REGISTERS.c, c | box);
        if (operands === "x") registers.setX(REGISTERS.a, a);
        engine.run({ insns: 1, endIcount: 1, clockBiasNs: 0n, clockShift: 0 });
        const expected = ours({ operation: 0, rm, a, b, c });
        const bits = result === "x" ? registers.x(A0) : registers.f(A0) & (result === "s" ? ~BOX : -1n);
        const actual = { bits, fflags: Number(registers.field("fflags")) };
        if (actual.bits !== expected.bits || actual.fflags !== (expected.flags | NX)) {
          assert.equal(
            actual,
            { bits: expected.bits, fflags: expected.flags | NX },
            `rm ${String(rm)}, operands ${[a, b, c].map((operand) => operand.toString(16)).join(" ")}`,
          );
        }
      }
    }
  });
}

test.run();
