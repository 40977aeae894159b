/** Loads and stores of every width, aligned and not, over the edge of a page, and where nothing answers. */
import type { Random } from "../../support/seeded-random.js";
import { Code } from "../code.js";
import type { Group } from "../differential.js";
import { MEMORY_BYTES, RAM_BASE } from "../slot.js";
import { chance, pick } from "../values.js";
import { destination, plainCase, POINTERS, SIGNED_12 } from "./common.js";

const LOADS = ["lb", "lh", "lw", "ld", "lbu", "lhu", "lwu"];
const STORES = ["sb", "sh", "sw", "sd"];
const FLOAT_LOADS = ["flw", "fld"];
const FLOAT_STORES = ["fsw", "fsd"];
/** Holds an address outside RAM and of no device; QEMU's PCIe windows, which we lack, answer too. */
const NOWHERE = 18;
const NOWHERES = [0n, 0x800n, RAM_BASE + BigInt(MEMORY_BYTES) + 0x800n, 1n << 40n, 1n << 63n, -0x1000n];

const KEPT = new Set([NOWHERE]);

/** Around the page in the middle, so that an access may lie across it. */
const offset = (random: Random): number =>
  chance(random, 3) ? random(20) - 12 : chance(random, 2) ? (random(256) - 128) * 8 : random(4096) - 2048;

/** `kept`: registers that no load writes. */
export function access(random: Random, code: Code, base: number, kept: ReadonlySet<number>): void {
  const imm = offset(random);
  switch (random(8)) {
    case 0:
      code.add(pick(random, FLOAT_LOADS), { rd: random(32), rs1: base, imm });
      break;
    case 1:
      code.add(pick(random, FLOAT_STORES), { rs2: random(32), rs1: base, imm });
      break;
    case 2:
    case 3:
    case 4: {
      const rd = destination(random);
      code.add(pick(random, LOADS), { rd: kept.has(rd) ? 0 : rd, rs1: base, imm });
      break;
    }
    default:
      code.add(pick(random, STORES), { rs2: random(32), rs1: base, imm });
  }
}

export const MEMORY: Group = {
  name: "of loads and stores",
  slotPages: 4,
  cases: 3000,
  generate: (random, slot) => {
    const code = new Code();
    const count = 20 + random(40);
    for (let index = 0; index < count; index += 1) {
      access(random, code, chance(random, 25) ? NOWHERE : pick(random, POINTERS), KEPT);
      if (!chance(random, 6)) continue;
      const rd = destination(random);
      code.add("addi", { rd: rd === NOWHERE ? 0 : rd, rs1: random(32), imm: SIGNED_12(random) });
    }
    const x = (values: bigint[]): void => {
      values[NOWHERE] = BigInt.asUintN(64, pick(random, NOWHERES));
    };
    // Two pages: what reaches out of them at the far ends must stay in the slot.
    return plainCase(random, slot, code.bytes(), { x, pointerOffsets: POINTERS.map(() => 0xff8 + random(12)) });
  },
};
