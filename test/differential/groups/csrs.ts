/** Every CSR that either machine has, and many that none has, by every instruction, in M, S and U mode. */
import { CSRS } from "../../../src/machine/hart/csr.js";
import type { Random } from "../../support/seeded-random.js";
import { Code } from "../code.js";
import type { Group } from "../differential.js";
import { csrValue } from "../csr-values.js";
import { CSR_NUMBER } from "../slot.js";
import { chance, pick } from "../values.js";
import { plainCase } from "./common.js";

const WRITES = ["csrrw", "csrrs", "csrrc", "csrrwi", "csrrsi", "csrrci"];
const MTVEC = CSR_NUMBER["mtvec"]!;
/** Holds the address of the runtime's handler, and nothing else. */
const HANDLER = 27;

/** Counting: only whether they can be reached is compared. */
const isCounter = (number: number): boolean =>
  (number >= 0xb00 && number < 0xb20) || (number >= 0xc00 && number < 0xc20) || (number >= 0x320 && number < 0x340);

/**
 * Not touched at all, since QEMU 7.2 has them and we do not, or the other way round. The programmable counters: ours
 * are there and read 0 (privileged spec, §3.1.10); QEMU has as many as `pmu-num` says, and they count.
 */
const isLeftOut = (number: number): boolean => {
  const isProgrammable = isCounter(number) && (number & 0x1f) >= 3;
  return isProgrammable;
};

const EXISTING = [...CSRS.keys()].filter((number) => !isLeftOut(number));

function anyCsr(random: Random): number {
  for (;;) {
    const number = chance(random, 6) ? random(4096) : pick(random, EXISTING);
    if (!isLeftOut(number)) return number;
  }
}

const register = (random: Random): number => {
  for (;;) {
    const candidate = random(32);
    if (candidate !== HANDLER) return candidate;
  }
};

/** Those that 5 bits can't write so that both agree. */
const NOT_IMMEDIATE = new Set(
  ["mip", "sip", "mie", "sie", "mideleg", "mepc", "sepc", "menvcfg", "senvcfg"].map((name) => CSR_NUMBER[name]!),
);

function addAccess(random: Random, code: Code, number: number): void {
  const rd = isCounter(number) ? 0 : register(random);
  if (chance(random, 4)) {
    code.add("csrr", { rd, imm: number });
  } else {
    const name = pick(random, WRITES);
    if (name.endsWith("i")) {
      const uimm = NOT_IMMEDIATE.has(number) ? 0 : random(32);
      code.add(name, { rd, rs1: uimm, imm: number });
    } else {
      const source = chance(random, 8) ? 0 : register(random);
      const value = csrValue(random, number, name === "csrrw" ? "write" : "modify");
      // A set of no bits is a write all the same, where rs1 is not x0 (unprivileged spec, §6.1); QEMU 7.2 takes it for
      // none, so that no read-only CSR traps and mstatus.FS stays.
      code.constant(source, value === 0n && name !== "csrrw" ? 2n : value);
      code.add(name, { rd, rs1: source, imm: number });
    }
  }
  if (number === MTVEC) {
    code.add("csrr", { rd: register(random), imm: MTVEC }).add("csrrw", { rs1: HANDLER, imm: MTVEC });
  } else if (!isCounter(number) && chance(random, 2)) {
    code.add("csrr", { rd: register(random), imm: number });
  }
}

export const CSR_ACCESSES: Group = {
  name: "of CSR accesses",
  slotPages: 4,
  cases: 3000,
  generate: (random, slot) => {
    const code = new Code();
    const count = 8 + random(16);
    for (let index = 0; index < count; index += 1) addAccess(random, code, anyCsr(random));
    const x = (values: bigint[]): void => {
      values[HANDLER] = slot.handler;
    };
    const value = (name: string): bigint => csrValue(random, CSR_NUMBER[name]!);
    const enabled = (): bigint => pick(random, [0n, 0xffff_ffffn, BigInt(random(8))]);
    const mode = pick(random, [0n, 1n, 3n]);
    const csrs = {
      ...Object.fromEntries(["mideleg", "sscratch", "sepc", "scause", "stval"].map((name) => [name, value(name)])),
      mcounteren: enabled(),
      scounteren: enabled(),
      mstatus: (mode << 11n) | (BigInt(random(4)) << 13n) | (BigInt(random(2)) << 20n),
    };
    return { ...plainCase(random, slot, code.bytes(), { x, csrs }), hasTablesOutsideRam: true };
  },
};
