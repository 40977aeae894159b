// The disassembler against binutils': all 16-bit encodings, and of each 32-bit instruction some with the operands that
// have names of their own.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { decode } from "../../../src/machine/isa/decode.js";
import { disassemble } from "../../../src/machine/isa/disassemble.js";
import { INSTRUCTIONS } from "../../../src/machine/isa/instruction-set.js";
import { requires } from "../../support/requires.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

/** x0, ra and two others. */
const REGISTERS = [0, 1, 10, 31];
/** rs2 with funct7, an immediate, the number of a CSR, or what a fence orders. */
const UPPER_12 = [
  0, 1, 11, 0x0ff, 0x7ff, 0x800, 0xfff, 0x002, 0x003, 0x300, 0x305, 0xc00, 0xc01, 0xc02, 0x7c0, 0x010, 0x833, 0x031,
];
/** funct3, or a rounding mode: to nearest, to zero, the one in frm. */
const FUNCT3 = [0, 1, 7];
/** Rows of the table for what is a csrr in another spelling, such as csrrc with x0. It is printed as one. */
const ALSO_CSRR = /^csrr\./;
const BRANCH = /^(j|jal|b(eq|ne|lt|ge|gt|le)(z|u)?)$/;

/** What objdump prints for each encoding, with a branch's distance in the place of its target. */
const objdump = (encodings: readonly number[]): Promise<string[]> =>
  withTemporaryFolder((folder) => {
    const path = join(folder, "code");
    writeFileSync(
      path,
      Buffer.concat(
        encodings.map((raw) => {
          const bytes = Buffer.alloc((raw & 3) === 3 ? 4 : 2);
          if (bytes.length === 4) bytes.writeInt32LE(raw | 0);
          else bytes.writeUInt16LE(raw);
          return bytes;
        }),
      ),
    );
    const { stdout } = spawnSync(
      "riscv64-unknown-elf-objdump",
      ["-D", "-z", "-b", "binary", "-m", "riscv:rv64", path],
      { encoding: "utf8", maxBuffer: 1 << 28 },
    );
    return [...stdout.matchAll(/^ *([0-9a-f]+):\t[0-9a-f]+ +\t(\S+)(?:\t(.*))?$/gm)].map(
      ([, at = "", mnemonic = "", text = ""]) => {
        const operands = text.replace(/ #.*$/, "").split(",");
        const target = operands.at(-1) ?? "";
        if (BRANCH.test(mnemonic) && /^0x/.test(target)) {
          operands[operands.length - 1] = String(BigInt.asIntN(64, BigInt(target) - BigInt(`0x${at}`)));
        }
        return asHere(`${mnemonic} ${operands.join(", ")}`.trim());
      },
    );
  });

/** objdump calls an addi an add where its operand is a number, but not always. LLVM's has 0 for a fence of nothing. */
const asHere = (text: string): string =>
  text
    .replace(/^(add|and|or|xor|sll|srl|sra|slt)(u?)(w?) (\w+, \w+, (?:-?\d+|0x\w+))$/, "$1i$2$3 $4")
    .replace(/^(csr[rwsc]+) (.*, \d+|\w+, \d+)$/, "$1i $2")
    .replace(/(?<=^fence .*)unknown/g, "0")
    .replace(/^addi (\w+), \1, 0$/, "mv $1, $1");

/**
 * False where objdump has its own way: a hint, which does nothing, as it is written (`c.nop 1`), pause, the encoding
 * that it calls unimp, and reserved bits, which the machine ignores, as data.
 */
const isComparable = (expected: string | undefined, actual: string): boolean =>
  actual !== "pause" && !/^(c\.|\.4byte|unimp)/.test(String(expected));

const alike = async (encodings: readonly number[]): Promise<void> => {
  const expected = await objdump(encodings);
  assert.is(expected.length, encodings.length);
  const others = encodings.flatMap((raw, index) => {
    const actual = disassemble(raw);
    return actual === expected[index] || !isComparable(expected[index], actual)
      ? []
      : [`${(raw >>> 0).toString(16)}: ${actual}, and not ${String(expected[index])}`];
  });
  assert.equal(others, []);
};

if (requires("instructions are disassembled as binutils does", ["riscv64-unknown-elf-objdump"])) {
  test("given each 16-bit encoding of an instruction, then it is printed as objdump prints it", () =>
    alike(
      Array.from({ length: 1 << 16 }, (_, raw) => raw).filter((raw) => (raw & 3) !== 3 && decode(raw) !== undefined),
    ));

  test("given each instruction, with operands that have names of their own and with others, then it is printed as objdump prints it", () => {
    const operands = REGISTERS.flatMap((rd) =>
      REGISTERS.flatMap((rs1) =>
        UPPER_12.flatMap((upper) => FUNCT3.map((funct3) => (upper << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7))),
      ),
    );
    const encodings = INSTRUCTIONS.flatMap(({ mask, match }) => operands.map((bits) => match | (bits & ~mask)));
    return alike(
      [...new Set(encodings)].filter((raw) => {
        const name = decode(raw)?.instruction.name;
        return name !== undefined && !ALSO_CSRR.test(name);
      }),
    );
  });
}

test.run();
