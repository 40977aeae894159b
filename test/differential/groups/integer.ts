/** RV64I and RV64M without memory and control transfers. */
import { RV64I } from "../../../src/machine/isa/rv64i.js";
import { RV64M } from "../../../src/machine/isa/rv64m.js";
import { Code } from "../code.js";
import type { Group } from "../differential.js";
import { pick } from "../values.js";
import { plainCase, SIGNED_12 } from "./common.js";

const EXCLUDED = /^(jal|jalr|b[a-z]+|l[bhwd]u?|s[bhwd]|ecall|ebreak)$/;
const NAMES = Object.keys({ ...RV64I, ...RV64M }).filter((name) => !EXCLUDED.test(name));
const DIVISIONS = NAMES.filter((name) => /^(div|rem|mul)/.test(name));

export const INTEGER: Group = {
  name: "of RV64I and RV64M",
  slotPages: 4,
  cases: 3000,
  generate: (random, slot) => {
    const code = new Code();
    const count = 20 + random(40);
    for (let index = 0; index < count; index += 1) {
      const name = pick(random, random(3) === 0 ? DIVISIONS : NAMES);
      const imm = name === "lui" || name === "auipc" ? random(1 << 20) << 12 : SIGNED_12(random);
      // Few sources: values then meet themselves, 0 and the ends.
      code.add(name, { rd: random(32), rs1: random(32), rs2: random(32), imm });
    }
    return plainCase(random, slot, code.bytes());
  },
};
