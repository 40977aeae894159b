/** The registers of a hart besides x and f, each one 64-bit field: one list names them for state, engines and saved files. */
export const HART_FIELDS = [
  "pc",
  /** 0 user, 1 supervisor, 3 machine. */
  "privilege",
  /** Why the hart executes nothing: see WAITING. */
  "waiting",
  "mstatus",
  "mie",
  /** The bits of mip that software writes; the devices' lines are derived. */
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
  /** mcycle and minstret less the instructions retired since reset: what software added by writing them. */
  "mcycleOffset",
  "minstretOffset",
  /** The virtual address of an LR reservation, or all ones. */
  "reservation",
  /** What LR read, zero-extended: SC succeeds only where memory still holds it (as QEMU's cmpxchg). */
  "reservedValue",
  "pmpcfg0",
  "pmpcfg2",
  ...Array.from({ length: 16 }, (_, index) => `pmpaddr${String(index)}` as PmpAddress),
] as const;

type PmpIndex = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15;
export type PmpAddress = `pmpaddr${PmpIndex}`;
export type HartField = (typeof HART_FIELDS)[number];

export const WAITING = {
  no: 0n,
  /** From a WFI until an interrupt is pending, enabled or not. */
  forPending: 1n,
  /** A trap's handler begins with that same trap: it would repeat for ever, so only an interrupt that is taken ends it. */
  forTaken: 2n,
} as const;

export const NO_RESERVATION = 0xffff_ffff_ffff_ffffn;
