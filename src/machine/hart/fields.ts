/**
 * The registers of a hart besides x and f, each a 64-bit field. This one list names them for state, engines and saved
 * files.
 */
export const HART_FIELDS = [
  "pc",
  /** 0 user, 1 supervisor, 3 machine. */
  "privilege",
  /** Why the hart executes nothing: see WAITING. */
  "waiting",
  "mstatus",
  "mie",
  /** The bits of mip that software writes. The devices' lines are derived. */
  "mip",
  "medeleg",
  "mideleg",
  "mtvec",
  "mscratch",
  "mepc",
  "mcause",
  "mtval",
  "mcounteren",
  "menvcfg",
  "stvec",
  "sscratch",
  "sepc",
  "scause",
  "stval",
  "scounteren",
  "senvcfg",
  "satp",
  "fflags",
  "frm",
  /** mcycle and minstret minus the instructions retired since reset: the offset that software made by writing them. */
  "mcycleOffset",
  "minstretOffset",
  /** The virtual address of an LR reservation, or all ones for none. */
  "reservation",
  /** What LR read, zero-extended. SC succeeds only if memory still holds it (as QEMU's cmpxchg). */
  "reservedValue",
  /** PMP is last, and in one piece. */
  "pmpcfg0",
  "pmpcfg2",
  ...Array.from({ length: 16 }, (_, index) => `pmpaddr${String(index)}` as PmpAddress),
] as const;

type PmpIndex = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15;
export type PmpAddress = `pmpaddr${PmpIndex}`;
export type HartField = (typeof HART_FIELDS)[number];

export const WAITING = {
  no: 0n,
  /** After a WFI, until an interrupt is pending, enabled or not. */
  forPending: 1n,
  /**
   * A trap handler begins with the trap that led to it, and so would repeat forever. Only a taken interrupt ends it.
   */
  forTaken: 2n,
} as const;

export const NO_RESERVATION = 0xffff_ffff_ffff_ffffn;
