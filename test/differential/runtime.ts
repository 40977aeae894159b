/**
 * The bare-metal program that runs the cases one after the other: sets the state that a case asks for, enters it by
 * mret, logs each trap and goes on behind the instruction, and at the case's end stores everything that software can
 * see.
 */
import { MEMORY_MAP } from "../../src/machine/memory-map.js";
import { Program } from "./program.js";
import {
  CODE_OFFSET,
  CSR_NUMBER,
  CSRS_IN,
  CSRS_OUT,
  CURRENT_SLOT_OFFSET,
  FIRST_SLOT,
  LOG_ENTRY_BYTES,
  LOG_FIELDS,
  MAX_TRAPS,
  PAGE,
  RECORD,
  VARIABLES,
} from "./slot.js";

/** The runtime's variables: x28 to x30 as they were, and the address of the present slot. */
const CURRENT = CURRENT_SLOT_OFFSET - VARIABLES;

const [T3, T4, T5, T6] = [28, 29, 30, 31] as const;
const FS_BOTH = 3 << 13;
const MPP_SHIFT = 11;

const csr = (name: string): number => CSR_NUMBER[name]!;
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

export interface Runtime {
  readonly words: Uint32Array;
  /** From the start of RAM. */
  readonly handlerOffset: number;
}

export function runtime(slotBytes: number): Runtime {
  const p = new Program();
  p.to("jal", "start");
  writeHandler(p, slotBytes);

  p.label("start");
  p.address(T3, FIRST_SLOT).address(T4, VARIABLES).add("sd", { rs1: T4, rs2: T3, imm: CURRENT });
  p.label("case");
  p.address(T6, VARIABLES).add("ld", { rd: T6, rs1: T6, imm: CURRENT });
  p.add("ld", { rd: T3, rs1: T6, imm: RECORD.present }).to("beq", "off", { rs1: T3 });
  p.address(T3, "handler").add("csrrw", { rs1: T3, imm: csr("mtvec") });
  p.add("lui", { rd: T3, imm: FS_BOTH }).add("csrrw", { rs1: T3, imm: csr("mstatus") });
  p.add("csrrw", { imm: csr("pmpcfg0") }).add("csrrw", { imm: csr("pmpcfg2") });
  range(0, 31).forEach((rd) => p.add("fld", { rd, rs1: T6, imm: RECORD.fIn + rd * 8 }));
  CSRS_IN.forEach((name, index) => {
    p.add("ld", { rd: T3, rs1: T6, imm: RECORD.csrsIn + index * 8 }).add("csrrw", { rs1: T3, imm: csr(name) });
  });
  p.add("sfence.vma").add("fence.i");
  range(1, 31).forEach((rd) => p.add("ld", { rd, rs1: T6, imm: RECORD.xIn + rd * 8 }));
  p.add("mret");

  p.label("off");
  p.add("lui", { rd: T3, imm: 0x5555 }).add("addi", { rd: T3, rs1: T3, imm: 0x555 });
  p.add("lui", { rd: T4, imm: MEMORY_MAP.testFinisher.base }).add("sw", { rs1: T4, rs2: T3 });
  p.label("stay").to("jal", "stay");
  return { words: p.words(), handlerOffset: p.offsetOf("handler") };
}

function writeHandler(p: Program, slotBytes: number): void {
  // mscratch is the one place for a register's value where no memory is addressed yet.
  p.label("handler")
    .add("csrrw", { rs1: T6, imm: csr("mscratch") })
    .address(T6, VARIABLES);
  [T3, T4, T5].forEach((rs2, index) => p.add("sd", { rs1: T6, rs2, imm: index * 8 }));
  p.add("ld", { rd: T5, rs1: T6, imm: CURRENT });

  p.add("ld", { rd: T4, rs1: T5, imm: RECORD.traps });
  p.add("slli", { rd: T3, rs1: T4, imm: Math.log2(LOG_ENTRY_BYTES) }).add("add", { rd: T3, rs1: T3, rs2: T5 });
  // Two steps: the log lies farther than an immediate reaches.
  p.add("addi", { rd: T3, rs1: T3, imm: RECORD.log / 2 }).add("addi", { rd: T3, rs1: T3, imm: RECORD.log / 2 });
  LOG_FIELDS.forEach((name, index) => {
    p.add("csrr", { rd: T6, imm: csr(name) }).add("sd", { rs1: T3, rs2: T6, imm: index * 8 });
  });
  p.add("addi", { rd: T4, rs1: T4, imm: 1 }).add("sd", { rs1: T5, rs2: T4, imm: RECORD.traps });
  p.add("addi", { rd: T3, imm: MAX_TRAPS }).to("bge", "finish", { rs1: T4, rs2: T3 });

  // An interrupt goes back to where it came from, and no further one is taken.
  p.add("csrr", { rd: T3, imm: csr("mcause") }).add("csrr", { rd: T6, imm: csr("mepc") });
  p.to("blt", "interrupted", { rs1: T3, rs2: 0 });

  // The S-mode handler is made of ecalls: what brought the hart there is what to go on from.
  p.add("ld", { rd: T4, rs1: T5, imm: RECORD.supervisorHandlerVa }).add("sub", { rd: T4, rs1: T6, rs2: T4 });
  p.add("sltiu", { rd: T4, rs1: T4, imm: 0x100 }).to("beq", "skip", { rs1: T4 });
  p.add("csrr", { rd: T6, imm: csr("sepc") });
  // MPP = SPP
  p.add("addi", { rd: T4, imm: 3 }).add("slli", { rd: T4, rs1: T4, imm: MPP_SHIFT });
  p.add("csrrc", { rs1: T4, imm: csr("mstatus") }).add("csrr", { rd: T4, imm: csr("mstatus") });
  p.add("srli", { rd: T4, rs1: T4, imm: 8 }).add("andi", { rd: T4, rs1: T4, imm: 1 });
  p.add("slli", { rd: T4, rs1: T4, imm: MPP_SHIFT }).add("csrrs", { rs1: T4, imm: csr("mstatus") });
  p.add("csrr", { rd: T3, imm: csr("scause") }).to("blt", "interrupted", { rs1: T3, rs2: 0 });

  // The instruction's length, from the case's code page by its physical address.
  p.label("skip");
  p.add("ld", { rd: T3, rs1: T5, imm: RECORD.endVa }).to("beq", "finish", { rs1: T3, rs2: T6 });
  p.add("ld", { rd: T3, rs1: T5, imm: RECORD.codeVa }).add("sub", { rd: T3, rs1: T6, rs2: T3 });
  p.add("lui", { rd: T4, imm: PAGE }).to("bgeu", "finish", { rs1: T3, rs2: T4 });
  p.add("lui", { rd: T4, imm: CODE_OFFSET }).add("add", { rd: T3, rs1: T3, rs2: T4 });
  p.add("add", { rd: T3, rs1: T3, rs2: T5 }).add("lhu", { rd: T3, rs1: T3 }).add("andi", { rd: T3, rs1: T3, imm: 3 });
  p.add("sltiu", { rd: T3, rs1: T3, imm: 3 }).add("slli", { rd: T3, rs1: T3, imm: 1 });
  p.add("addi", { rd: T6, rs1: T6, imm: 4 }).add("sub", { rd: T6, rs1: T6, rs2: T3 });
  p.to("jal", "return");
  p.label("interrupted").add("csrrw", { imm: csr("mie") });
  p.label("return").add("csrrw", { rs1: T6, imm: csr("mepc") });
  p.address(T6, VARIABLES);
  [T3, T4, T5].forEach((rd, index) => p.add("ld", { rd, rs1: T6, imm: index * 8 }));
  p.add("csrr", { rd: T6, imm: csr("mscratch") }).add("mret");

  p.label("finish");
  range(1, 27).forEach((rs2) => p.add("sd", { rs1: T5, rs2, imm: RECORD.xOut + rs2 * 8 }));
  p.address(T6, VARIABLES);
  [T3, T4, T5].forEach((register, index) => {
    p.add("ld", { rd: T3, rs1: T6, imm: index * 8 }).add("sd", { rs1: T5, rs2: T3, imm: RECORD.xOut + register * 8 });
  });
  p.add("csrr", { rd: T3, imm: csr("mscratch") }).add("sd", { rs1: T5, rs2: T3, imm: RECORD.xOut + T6 * 8 });
  p.add("lui", { rd: T3, imm: FS_BOTH }).add("csrrw", { rs1: T3, imm: csr("mstatus") });
  range(0, 31).forEach((rs2) => p.add("fsd", { rs1: T5, rs2, imm: RECORD.fOut + rs2 * 8 }));
  CSRS_OUT.forEach((name, index) => {
    p.add("csrr", { rd: T3, imm: csr(name) }).add("sd", { rs1: T5, rs2: T3, imm: RECORD.csrsOut + index * 8 });
  });
  p.add("lui", { rd: T3, imm: slotBytes }).add("add", { rd: T5, rs1: T5, rs2: T3 });
  p.add("sd", { rs1: T6, rs2: T5, imm: CURRENT }).to("jal", "case");
}
