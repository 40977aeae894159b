/** Traps of every kind with random delegation, returns from them, and interrupts that software makes pending. */
import type { Random } from "../../support/seeded-random.js";
import { SUPERVISOR_HANDLER_OFFSET } from "../case.js";
import { Code } from "../code.js";
import { csrValue } from "../csr-values.js";
import type { Group } from "../differential.js";
import { CODE_OFFSET, CSR_NUMBER, MEMORY_BYTES, RAM_BASE } from "../slot.js";
import { chance, pick } from "../values.js";
import { plainCase, POINTERS } from "./common.js";

const NOWHERE = 18;
/** What `mret` and `sret` go to is computed here. */
const TARGET = 5;
const TW = 1n << 21n;
const S_INTERRUPTS = 0x222n;
/**
 * Which interrupts a case may enable: such that the specification's order (privileged spec, §3.1.9: external, software,
 * timer) is QEMU 7.2's, which without AIA takes the lowest number first. MTI is pending all the time.
 */
const ENABLED_TOGETHER = [0x22n, 0x200n, 0x80n];
const MACHINE = 3n;
const S_CSRS = ["sstatus", "sie", "sip", "sscratch", "scause", "stval"];
const M_CSRS = ["mstatus", "mie", "mip", "mideleg", "mcause", "mtval"];

const number = (name: string): number => CSR_NUMBER[name]!;

/**
 * The S-mode handler is one ecall, which must reach M mode. What an AMO raises is a load's exception on QEMU
 * (known-differences.ts), so both go to the same mode.
 */
export function delegation(random: Random): bigint {
  const value = csrValue(random, number("medeleg")) & ~(1n << 9n);
  const pairs = [4n, 5n, 13n].reduce((bits, load) => bits | (((value >> load) & 1n) << (load + 2n)), 0n);
  const STORES = (1n << 6n) | (1n << 7n) | (1n << 15n);
  return (value & ~STORES) | pairs;
}

function returnTo(code: Code, epc: "mepc" | "sepc", xret: "mret" | "sret"): void {
  code.add("auipc", { rd: TARGET }).add("addi", { rd: TARGET, rs1: TARGET, imm: 16 });
  code.add("csrrw", { rs1: TARGET, imm: number(epc) }).add(xret);
}

function writeCsr(random: Random, code: Code, name: string, enabled: bigint): void {
  const how = pick(random, ["csrrw", "csrrs", "csrrc"]);
  const source = 10 + random(4);
  const any = csrValue(random, number(name), how === "csrrw" ? "write" : "modify");
  const value = name === "mie" || name === "sie" ? any & enabled : any;
  code.constant(source, value);
  code.add(how, { rd: chance(random, 3) ? 14 : 0, rs1: source, imm: number(name) });
}

function addEvent(random: Random, code: Code, mayWait: boolean, enabled: bigint): void {
  switch (random(14)) {
    case 0:
      code.add("ecall");
      break;
    case 1:
      if (chance(random, 2)) code.add("ebreak");
      else code.half(0x9002);
      break;
    case 2:
      if (chance(random, 2)) code.half(0);
      else code.word(pick(random, [0, 0xffff_ffff, 0x0000_002b, 0x0020_0073]));
      break;
    case 3:
      code.add(pick(random, ["lb", "lw", "ld"]), { rd: 20, rs1: NOWHERE });
      break;
    case 4:
      code.add(pick(random, ["sb", "sw", "sd"]), { rs1: NOWHERE, rs2: 20 });
      break;
    case 5:
      code.add(pick(random, ["lr.w", "lr.d"]), { rd: 20, rs1: pick(random, POINTERS) });
      break;
    case 6:
      returnTo(code, "mepc", "mret");
      break;
    case 7:
    case 8:
      returnTo(code, "sepc", "sret");
      break;
    case 9:
      code.add("sfence.vma", { rs1: random(32), rs2: random(32) });
      break;
    case 10:
      if (mayWait) code.add("wfi");
      break;
    case 11:
      code.add("csrr", {
        rd: 15 + random(3),
        imm: number(pick(random, [...S_CSRS, ...M_CSRS, "satp", "sepc", "mepc"])),
      });
      break;
    case 12:
      writeCsr(random, code, pick(random, S_CSRS), enabled);
      break;
    default:
      writeCsr(random, code, pick(random, M_CSRS), enabled);
  }
}

export const TRAPS: Group = {
  name: "of traps and returns",
  slotPages: 4,
  cases: 3000,
  generate: (random, slot) => {
    const mode = pick(random, [0n, 1n, 1n, MACHINE, MACHINE]);
    const status = (csrValue(random, number("mstatus")) & ~((3n << 11n) | (1n << 3n) | (1n << 17n))) | (mode << 11n);
    const code = new Code();
    const enabled = pick(random, ENABLED_TOGETHER);
    const csrs = {
      mstatus: status,
      medeleg: delegation(random),
      mideleg: csrValue(random, number("mideleg")),
      mie: chance(random, 2) ? 0n : enabled & csrValue(random, number("mie")),
      mip: chance(random, 2) ? 0n : csrValue(random, number("mip")),
      stvec: slot.base + BigInt(CODE_OFFSET + SUPERVISOR_HANDLER_OFFSET) + BigInt(random(2)),
    };
    // A WFI must not wait: it traps, or what it waits for is there already.
    if (mode === MACHINE && (csrs.mie & csrs.mip & S_INTERRUPTS) !== 0n) {
      csrs.mstatus &= ~(1n << 7n);
      code.add("wfi");
    }
    const mayWait = mode === 0n || (mode === 1n && (status & TW) !== 0n);
    const count = 4 + random(16);
    for (let index = 0; index < count; index += 1) addEvent(random, code, mayWait, enabled);
    const x = (values: bigint[]): void => {
      values[NOWHERE] = RAM_BASE + BigInt(MEMORY_BYTES) + 0x800n;
    };
    const pointerOffsets = POINTERS.map(() => 0x1000 + random(8));
    const supervisorHandlerVa = slot.base + BigInt(CODE_OFFSET + SUPERVISOR_HANDLER_OFFSET);
    return { ...plainCase(random, slot, code.bytes(), { x, csrs, pointerOffsets }), supervisorHandlerVa };
  },
};
