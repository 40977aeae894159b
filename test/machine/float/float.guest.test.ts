/** Every instruction of F and D that computes, in every rounding mode, against QEMU's answer and fflags. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { requires } from "../../support/requires.js";
import { CASES_ADDRESS, imageOf, OPERATIONS, RESULT_BYTES, source, type OracleCase } from "./oracle-program.js";
import { DOUBLE, randomBits, randomOperands, SINGLE, specialValues, type Operands } from "./seeded-operands.js";
import { freshSeed, seededRandom, type Random } from "../../support/seeded-random.js";

const RANDOM_CASES_A_MODE = 240;
const QEMU_TIMEOUT_MS = 120_000;
const INTEGERS = [7n, 31n, 32n, 53n, 63n, 64n].flatMap((power) =>
  [-1n, 0n, 1n].map((distance) => BigInt.asUintN(64, (1n << power) + distance)),
);
const name =
  "given special and random operands, when QEMU executes F and D in every mode, then results and fflags are ours";

const casesFrom = (seed: number): readonly OracleCase[] => {
  const random = seededRandom(seed);
  return OPERATIONS.flatMap(({ operands, roundingModes, instruction }, operation) =>
    roundingModes.flatMap((rm) => {
      const randomly = (): Operands =>
        operands === "x"
          ? { a: randomBits(random, 64) >> BigInt(random(64)), b: 0n, c: 0n }
          : randomOperands(operands === "s" ? SINGLE : DOUBLE, random);
      return [
        ...specialOperands(operands, instruction, random),
        ...Array.from({ length: RANDOM_CASES_A_MODE }, randomly),
      ].map(({ a, b, c }): OracleCase => ({ operation, rm, a, b, c }));
    }),
  );
};

/** Every special value, every pair of them, or as many triples as pairs. */
const specialOperands = (operands: "s" | "d" | "x", instruction: string, random: Random): readonly Operands[] => {
  if (operands === "x") return INTEGERS.map((a) => ({ a, b: 0n, c: 0n }));
  const specials = specialValues(operands === "s" ? SINGLE : DOUBLE);
  if (!instruction.includes("fa2")) return specials.map((a) => ({ a, b: 0n, c: 0n }));
  return specials.flatMap((a) => specials.map((b) => ({ a, b, c: specials[random(specials.length)]! })));
};

const runOnQemu = (cases: readonly OracleCase[]): Uint8Array => {
  const folder = mkdtempSync(join(tmpdir(), "foldvm-float-"));
  try {
    const at = (file: string): string => join(folder, file);
    writeFileSync(at("oracle.S"), source());
    writeFileSync(at("cases.bin"), imageOf(cases));
    const machineCode = ["-march=rv64gc", "-mabi=lp64d", "-nostdlib", "-static", "-Wl,-Ttext=0x80000000"];
    execFileSync("riscv64-unknown-elf-gcc", [...machineCode, "-o", at("oracle.elf"), at("oracle.S")]);
    execFileSync(
      "qemu-system-riscv64",
      [
        ...["-M", "virt", "-cpu", "rv64", "-bios", "none", "-display", "none", "-monitor", "none"],
        ...["-serial", `file:${at("results.bin")}`, "-kernel", at("oracle.elf")],
        ...["-device", `loader,file=${at("cases.bin")},addr=${CASES_ADDRESS},force-raw=on`],
      ],
      { timeout: QEMU_TIMEOUT_MS, stdio: ["ignore", "ignore", "pipe"] },
    );
    return readFileSync(at("results.bin"));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

if (requires(name, ["qemu-system-riscv64", "riscv64-unknown-elf-gcc"])) {
  test(name, () => {
    const seed = freshSeed();
    const cases = casesFrom(seed);
    console.log(`    float against QEMU: ${cases.length} cases, FOLDVM_SEED=${seed}`);
    const results = runOnQemu(cases);
    assert.is(results.length, cases.length * RESULT_BYTES, "QEMU answered every case");
    const view = new DataView(results.buffer, results.byteOffset, results.byteLength);
    const differences = cases.flatMap((given, index) => {
      const offset = index * RESULT_BYTES;
      const qemu = describe(view.getBigUint64(offset, true), view.getUint8(offset + 8));
      const operation = OPERATIONS[given.operation]!;
      const { bits, flags } = operation.ours(given);
      const ours = describe(bits, flags);
      if (ours === qemu) return [];
      const operands = [given.a, given.b, given.c].map((operand) => `0x${operand.toString(16)}`).join(" ");
      return [`${operation.instruction} rm=${given.rm} on ${operands}: QEMU ${qemu}, ours ${ours}`];
    });
    assert.is(
      differences.length,
      0,
      `seed ${seed}, ${differences.length} differ:\n${differences.slice(0, 20).join("\n")}`,
    );
  });
}

const describe = (bits: bigint, flags: number): string => `0x${bits.toString(16)} fflags ${flags}`;

test.run();
