/** Branches, jumps and counted loops within the case, and jumps to where nothing can be fetched. */
import type { Random } from "../../support/seeded-random.js";
import { Code } from "../code.js";
import type { Group } from "../differential.js";
import { chance, pick } from "../values.js";
import { plainCase, SIGNED_12 } from "./common.js";

const BRANCHES = ["beq", "bne", "blt", "bge", "bltu", "bgeu"];
const COMPUTATIONS = ["add", "sub", "xor", "sltu", "addw", "mul", "sra"];
/** Counts a loop's rounds; no other instruction writes it. */
const COUNTER = 27;
const NOWHERES = [0x800n, 0x802n, 1n << 40n, (1n << 63n) | 1n, -2n];

const result = (random: Random): number => {
  const register = random(32);
  return register === COUNTER ? 0 : register;
};

function compute(random: Random, code: Code, count: number): void {
  for (let index = 0; index < count; index += 1) {
    // c.addi, so that targets lie on odd halfwords too.
    if (chance(random, 3)) code.half(0x0001 | (result(random) << 7) | (random(32) << 2));
    else code.add(pick(random, COMPUTATIONS), { rd: result(random), rs1: random(32), rs2: random(32) });
  }
}

function forward(random: Random, code: Code): void {
  const body = new Code();
  compute(random, body, random(5));
  const distance = body.offset + 4;
  switch (random(4)) {
    case 0:
      code.add("jal", { rd: result(random), imm: distance });
      break;
    case 1: {
      const register = 1 + random(26);
      const imm = random(256) - 128;
      code.add("auipc", { rd: register }).add("addi", { rd: register, rs1: register, imm: distance + 8 - imm });
      code.add("jalr", { rd: result(random), rs1: register, imm: imm | (imm === -128 ? 0 : imm & 1) });
      break;
    }
    default:
      code.add(pick(random, BRANCHES), { rs1: random(32), rs2: random(32), imm: distance });
  }
  append(code, body);
}

function loop(random: Random, code: Code): void {
  const body = new Code();
  compute(random, body, 1 + random(4));
  code.add("addi", { rd: COUNTER, imm: 1 + random(6) });
  append(code, body);
  code.add("addi", { rd: COUNTER, rs1: COUNTER, imm: -1 });
  code.add("bne", { rs1: COUNTER, imm: -body.offset - 4 });
}

const append = (code: Code, body: Code): void => {
  const bytes = body.bytes();
  for (let at = 0; at < body.offset; at += 2) code.half(bytes[at]! | (bytes[at + 1]! << 8));
};

export const CONTROL: Group = {
  name: "of branches and jumps",
  slotPages: 4,
  cases: 3000,
  generate: (random, slot) => {
    const code = new Code();
    const count = 4 + random(12);
    for (let index = 0; index < count; index += 1) {
      compute(random, code, random(3));
      if (chance(random, 3)) loop(random, code);
      else forward(random, code);
    }
    const ends = chance(random, 4);
    if (ends) code.add("jalr", { rd: result(random), rs1: COUNTER, imm: SIGNED_12(random) & ~0x7ff });
    const x = (values: bigint[]): void => {
      values[COUNTER] = BigInt.asUintN(64, pick(random, NOWHERES));
    };
    return plainCase(random, slot, code.bytes(), { x });
  },
};
