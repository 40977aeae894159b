/**
 * F and D: every instruction in every rounding mode, reserved ones too, on all kinds of values, with the FPU off now
 * and then.
 */
import { FLOATING_POINT } from "../../../src/machine/isa/floating-point.js";
import type { Random } from "../../support/seeded-random.js";
import { Code } from "../code.js";
import type { Group } from "../differential.js";
import { chance, pick } from "../values.js";
import { plainCase } from "./common.js";

const NAMES = Object.keys(FLOATING_POINT).filter((name) => !/^(fl[wd]|fs[wd])$/.test(name));
const FRM = 0x002;
const FFLAGS = 0x001;
const FCSR = 0x003;

const DYNAMIC = 7;
const roundingMode = (random: Random): number =>
  chance(random, 3) ? DYNAMIC : chance(random, 12) ? random(8) : random(5);

export const FLOATING: Group = {
  name: "of F and D",
  slotPages: 4,
  cases: 3000,
  generate: (random, slot) => {
    const code = new Code();
    const count = 20 + random(40);
    for (let index = 0; index < count; index += 1) {
      const registers = { rd: random(32), rs1: random(32), rs2: random(32), rs3: random(32) };
      switch (random(12)) {
        case 0:
          code.add("csrrwi", { rd: random(32), imm: FRM, rs1: chance(random, 6) ? random(8) : random(5) });
          break;
        case 1:
          code.add("csrrw", { ...registers, imm: pick(random, [FFLAGS, FCSR, FRM]) });
          break;
        default:
          code.add(pick(random, NAMES), { ...registers, rm: roundingMode(random) });
      }
    }
    return plainCase(random, slot, code.bytes());
  },
};
