/** Random 32-bit encodings: those that neither memory nor control nor CSRs depend on, valid or not. */
import { decode } from "../../../src/machine/isa/decode.js";
import type { Random } from "../../support/seeded-random.js";
import { Code } from "../code.js";
import type { Group } from "../differential.js";
import { chance, pick } from "../values.js";
import { plainCase } from "./common.js";

const OPCODES = Array.from({ length: 32 }, (_, index) => (index << 2) | 3);
const SYSTEM = 0x73;
/** Their valid encodings go anywhere; the other groups have them. */
const WILD =
  /^(jal|jalr|b[a-z]+|l[bhwd]u?|s[bhwd]|fl[wd]|fs[wd]|(lr|sc|amo[a-z]+)\.[wd]|csrr.*|mret|sret|wfi|sfence\.vma|ebreak)$/;
/** uret, hypervisor and others are illegal here; CSR accesses may not be, whatever we make of them. */
const isTame = (raw: number): boolean => {
  const name = decode(raw)?.instruction.name;
  if (name !== undefined) return !WILD.test(name);
  return (raw & 0x7f) !== SYSTEM || ((raw >>> 12) & 3) === 0;
};

function randomWord(random: Random): number {
  for (;;) {
    const anything = random(2 ** 32);
    const mostlyZero = chance(random, 3) ? anything & 0x01ff_ffff : anything;
    const raw = ((mostlyZero & ~0x7f) | pick(random, OPCODES)) >>> 0;
    if (isTame(raw)) return raw;
  }
}

export const ILLEGAL: Group = {
  name: "of random encodings",
  slotPages: 4,
  cases: 3000,
  generate: (random, slot) => {
    const code = new Code();
    const count = 20 + random(20);
    for (let index = 0; index < count; index += 1) code.word(randomWord(random));
    return plainCase(random, slot, code.bytes());
  },
};
