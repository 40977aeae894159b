/** Random 16-bit encodings, valid, reserved and hints, between instructions of 32 bits; jumps stay within the case. */
import type { Random } from "../../support/seeded-random.js";
import { Code } from "../code.js";
import type { Group } from "../differential.js";
import { chance, pick } from "../values.js";
import { destination, plainCase, POINTERS, SIGNED_12 } from "./common.js";

const prime = (raw: number, from: number): number => 8 + ((raw >>> from) & 7);
const full = (raw: number): number => (raw >>> 7) & 0x1f;
const isPointer = (register: number): boolean => (POINTERS as readonly number[]).includes(register);

/** By the encoding's bits alone: no jumps, accesses by the pointers only, and nothing overwrites those. */
export function isTame(raw: number): boolean {
  const funct3 = raw >>> 13;
  switch (raw & 3) {
    case 0: {
      const isAddi4spn = funct3 === 0;
      const isLoad = !isAddi4spn && funct3 < 4 && funct3 !== 1;
      if ((isAddi4spn || isLoad) && isPointer(prime(raw, 2))) return false;
      return isAddi4spn || isPointer(prime(raw, 7));
    }
    case 1:
      if (funct3 >= 5) return false;
      return !isPointer(funct3 === 4 ? prime(raw, 7) : full(raw));
    default:
      if (funct3 === 4) {
        const isJumpOrBreak = (raw & 0x7c) === 0;
        return !isJumpOrBreak && !isPointer(full(raw));
      }
      return funct3 >= 4 || funct3 === 1 || !isPointer(full(raw));
  }
}

const anyHalf = (random: Random): number => {
  for (;;) {
    const raw = random(1 << 16);
    if ((raw & 3) !== 3 && isTame(raw)) return raw;
  }
};

/** c.j, c.beqz, c.bnez over a few halfwords. */
function jump(random: Random, code: Code): void {
  const skipped = 1 + random(4);
  const distance = (skipped + 1) * 2;
  const kind = random(3);
  const near = (distance & 0xe) << 2;
  const forBranch = ((distance & 6) << 2) | ((distance & 0x18) << 7) | ((distance & 0x20) >> 3);
  code.half(kind === 0 ? 0xa001 | near : (kind === 1 ? 0xc001 : 0xe001) | forBranch | (random(8) << 7));
  for (let index = 0; index < skipped; index += 1) code.half(anyHalf(random));
}

/** la x5 = a place some halfwords on; c.jr or c.jalr there. */
function jumpToRegister(random: Random, code: Code): void {
  const register = pick(random, [5, 10, 15, 31]);
  const skipped = random(3);
  const odd = random(2);
  code.add("auipc", { rd: register });
  code.add("addi", { rd: register, rs1: register, imm: 10 + skipped * 2 + odd });
  code.half((random(2) === 0 ? 0x8002 : 0x9002) | (register << 7));
  for (let index = 0; index < skipped; index += 1) code.half(anyHalf(random));
}

export const COMPRESSED: Group = {
  name: "of 16-bit encodings",
  slotPages: 4,
  cases: 3000,
  generate: (random, slot) => {
    const code = new Code();
    const count = 20 + random(40);
    for (let index = 0; index < count; index += 1) {
      if (chance(random, 12)) jump(random, code);
      else if (chance(random, 16)) jumpToRegister(random, code);
      else if (chance(random, 8))
        code.add("addi", { rd: destination(random), rs1: random(32), imm: SIGNED_12(random) });
      else if (chance(random, 30)) code.half(pick(random, [0, 0x9002, 0x8002, 0x6101, 0x2001, 0x4002, 0x6002, 0x9c41]));
      else code.half(anyHalf(random));
    }
    return plainCase(random, slot, code.bytes(), { pointerOffsets: pointerOffsets(random) });
  },
};

/** The immediates are unsigned: up to 504 bytes up. */
const pointerOffsets = (random: Random): number[] =>
  POINTERS.map(() => pick(random, [0, 0xf80, 0xffc, 0x1000, 0x800]) + pick(random, [0, 0, 0, 1, 2, 4]));
