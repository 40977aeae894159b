/** LR, SC and AMOs: every width and alignment, reservations that hold, and such that a store or a trap has broken. */
import { RV64A } from "../../../src/machine/isa/rv64a.js";
import type { Random } from "../../support/seeded-random.js";
import { Code } from "../code.js";
import type { Group } from "../differential.js";
import { chance, pick } from "../values.js";
import { destination, plainCase, POINTERS } from "./common.js";

const AMOS = Object.keys(RV64A).filter((name) => name.startsWith("amo"));
const AQ_RL = 25;

const ordered = (random: Random, raw: number): number => (raw | (random(4) << AQ_RL)) >>> 0;

function addAtomic(random: Random, code: Code, name: string, rs1: number): void {
  const operands = { rd: destination(random), rs1, rs2: random(32) };
  code.word(ordered(random, new Code().add(name, operands).firstWord));
}

/**
 * LR and SC of one width: that of a SC behind the other LR is the implementation's choice, and QEMU 7.2 may store and
 * say it failed.
 */
type Suffix = "w" | "d";

function pair(random: Random, code: Code, suffix: Suffix): void {
  const base = pick(random, POINTERS);
  addAtomic(random, code, `lr.${suffix}`, base);
  switch (random(8)) {
    case 0:
      code.add(pick(random, ["sb", "sw", "sd"]), { rs1: base, rs2: random(32), imm: pick(random, [0, 4, 8, -8]) });
      break;
    case 1:
      code.add("ebreak");
      break;
    case 2:
      addAtomic(random, code, pick(random, AMOS), base);
      break;
    case 3:
      code.add("addi", { rd: base, rs1: base, imm: pick(random, [-8, -4, 4, 8, 1]) });
      break;
    default:
      code.add("addi", { rd: destination(random), rs1: random(32), imm: 1 });
  }
  const other = chance(random, 6) ? pick(random, POINTERS) : base;
  addAtomic(random, code, `sc.${suffix}`, other);
}

export const ATOMICS: Group = {
  name: "of atomics",
  slotPages: 4,
  cases: 3000,
  generate: (random, slot) => {
    const code = new Code();
    const suffix = pick<Suffix>(random, ["w", "d"]);
    const count = 10 + random(20);
    for (let index = 0; index < count; index += 1) {
      if (chance(random, 3)) pair(random, code, suffix);
      else if (chance(random, 10))
        addAtomic(random, code, pick(random, [`sc.${suffix}`, `lr.${suffix}`]), pick(random, POINTERS));
      else addAtomic(random, code, pick(random, AMOS), pick(random, POINTERS));
      if (chance(random, 5)) {
        const register = pick(random, POINTERS);
        code.add("addi", { rd: register, rs1: register, imm: pick(random, [-16, -8, -4, 4, 8, 16, 1, 2]) });
      }
      if (chance(random, 8)) {
        const register = pick(random, POINTERS);
        code.add("andi", { rd: register, rs1: register, imm: -8 });
      }
    }
    const pointerOffsets = POINTERS.map(() => 0x1000 + pick(random, [0, 4, 8, 0, 16, random(8)]));
    return plainCase(random, slot, code.bytes(), { pointerOffsets });
  },
};
