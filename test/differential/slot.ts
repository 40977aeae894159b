/**
 * Where a case's inputs and results lie: each case has pages of its own, so that nothing has to be put back after it.
 */
import { DRAM_BASE } from "../../src/machine/memory-map.js";

export const MEMORY_BYTES = 64 << 20;
export const RAM_BASE = BigInt(DRAM_BASE);
/** Below: the runtime and its variables. */
export const FIRST_SLOT = 0x4000;
/** Above: QEMU's device tree. */
export const SLOTS_END = MEMORY_BYTES - (4 << 20);
export const PAGE = 0x1000;

/** The runtime's variables. */
export const VARIABLES = 0x2000;
export const CURRENT_SLOT_OFFSET = VARIABLES + 0x20;

/** Offsets in a slot's first page. */
export const RECORD = {
  present: 0x000,
  codeVa: 0x008,
  endVa: 0x010,
  supervisorHandlerVa: 0x018,
  traps: 0x020,
  csrsIn: 0x040,
  xIn: 0x200,
  fIn: 0x300,
  xOut: 0x400,
  fOut: 0x500,
  csrsOut: 0x600,
  log: 0x800,
} as const;

export const CODE_OFFSET = PAGE;
export const DATA_OFFSET = 2 * PAGE;

/** One entry a trap, 64 bytes. */
export const LOG_FIELDS = ["mcause", "mepc", "mtval", "mstatus", "scause", "sepc", "stval", "mip"] as const;
export const LOG_ENTRY_BYTES = 64;
export const MAX_TRAPS = 24;

const PMP_ADDRESSES = Array.from({ length: 16 }, (_, index) => [`pmpaddr${String(index)}`, 0x3b0 + index] as const);

export const CSR_NUMBER: Readonly<Record<string, number>> = {
  fcsr: 0x003,
  sstatus: 0x100,
  sie: 0x104,
  stvec: 0x105,
  scounteren: 0x106,
  senvcfg: 0x10a,
  sscratch: 0x140,
  sepc: 0x141,
  scause: 0x142,
  stval: 0x143,
  sip: 0x144,
  satp: 0x180,
  mstatus: 0x300,
  misa: 0x301,
  medeleg: 0x302,
  mideleg: 0x303,
  mie: 0x304,
  mtvec: 0x305,
  mcounteren: 0x306,
  menvcfg: 0x30a,
  mscratch: 0x340,
  mepc: 0x341,
  mcause: 0x342,
  mtval: 0x343,
  mip: 0x344,
  pmpcfg0: 0x3a0,
  pmpcfg2: 0x3a2,
  ...Object.fromEntries(PMP_ADDRESSES),
};

/** Set in this order; fcsr needs the FS that the runtime sets before, and mstatus comes last. */
// prettier-ignore
export const CSRS_IN = [
  "fcsr", "stvec", "medeleg", "mideleg", "mie", "mip", "satp", "mcounteren", "scounteren", "menvcfg", "senvcfg",
  "sscratch", "sepc", "scause", "stval", "mscratch", "mcause", "mtval",
  ...PMP_ADDRESSES.map(([name]) => name), "pmpcfg0", "pmpcfg2", "mepc", "mstatus",
] as const;
export type CsrIn = (typeof CSRS_IN)[number];

/** What the last trap left; what the log holds of every trap is not repeated. */
// prettier-ignore
export const CSRS_OUT = [
  "fcsr", "stvec", "medeleg", "mideleg", "mie", "mip", "mtvec", "satp", "mcounteren", "scounteren", "menvcfg", "senvcfg",
  "sscratch", "sepc", "scause", "stval", ...PMP_ADDRESSES.map(([name]) => name), "pmpcfg0", "pmpcfg2",
] as const;
