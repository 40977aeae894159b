/** Where QEMU 7.2 and we differ on purpose: the one table, each row as narrow as it can be, with its reason. */
import { decode } from "../../src/machine/isa/decode.js";
import type { Case } from "./case.js";
import type { LogEntry } from "./trap-log.js";

export interface FieldDifference {
  readonly given: Case;
  /** A register's or CSR's name, or `trap.<name>` for what the log holds. */
  readonly field: string;
  readonly qemu: bigint;
  readonly ours: bigint;
  /** The log entries, for a field of the log. */
  readonly qemuTrap?: LogEntry;
  readonly ourTrap?: LogEntry;
}

export interface KnownDifference {
  readonly reason: string;
  readonly applies: (difference: FieldDifference) => boolean;
}

const FS_SD = (3n << 13n) | (1n << 63n);
const LOAD_ACCESS_FAULT = 5n;
const FS_DIRTY = 3n << 13n;
/** misaligned, access fault, page fault: of loads, and of stores and AMOs. */
const LOAD_TO_STORE = new Map([
  [4n, 6n],
  [5n, 7n],
  [13n, 15n],
]);

const PAGE_TO_ACCESS_FAULT = new Map([
  [12n, 1n],
  [13n, 5n],
  [15n, 7n],
]);
const PAGE_TO_ACCESS_FAULT_OF_AMO = [13n, 7n] as const;

const isCause = (field: string): boolean => field === "trap.mcause" || field === "trap.scause" || field === "scause";

const ATOMIC_STORE = /^(amo|sc)/;
/** They write x registers, and f registers not at all. */
const FLAGS_ONLY = /^(f(eq|lt|le)\.|fcvt\.[wl]u?\.)/;
const isNamed = (raw: number, name: RegExp): boolean => name.test(decode(raw)?.instruction.name ?? "");

const PTE_A = 1n << 6n;
const MPRV = 1n << 17n;

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    reason:
      "mstatus.FS: comparisons and conversions to integers change fflags, so the state is dirty (privileged spec, §3.1.6.6); " +
      "QEMU 7.2 marks it with the next instruction that writes an f register or a floating-point CSR",
    applies: ({ field, qemu, ours, given }) =>
      field === "trap.mstatus" &&
      ((qemu ^ ours) & ~FS_SD) === 0n &&
      (ours & FS_DIRTY) === FS_DIRTY &&
      hasInstruction(given, FLAGS_ONLY),
  },
  {
    reason:
      "AMOs and SC raise store/AMO exceptions (unprivileged spec, §14.4; privileged spec, table of mcause); " +
      "QEMU 7.2 with one hart does their load first, and reports that this failed",
    applies: ({ field, qemu, ours, ourTrap, given }) =>
      isCause(field) &&
      LOAD_TO_STORE.get(qemu) === ours &&
      (ourTrap === undefined || isAtomicStore(given, field === "trap.mcause" ? ourTrap.mepc : ourTrap.sepc)),
  },
  {
    reason: "… and whose page it then may not write is marked accessed",
    applies: ({ field, qemu, ours, given }) => {
      const offset = /^memory \+0x([4-7][0-9a-f]{3})$/.exec(field);
      const isTable = "satp" in given.csrs && offset !== null;
      return isTable && qemu === (ours | PTE_A) && hasInstruction(given, ATOMIC_STORE);
    },
  },
  {
    reason:
      "sret to a mode below M clears mstatus.MPRV (privileged spec, §3.1.6.3); QEMU 7.2 keeps it, as of privileged spec 1.11",
    applies: ({ field, qemu, ours }) => field === "trap.mstatus" && qemu === (ours | MPRV) && (ours & MPRV) === 0n,
  },
  {
    reason:
      "a page table where there is no memory is an access fault (privileged spec, §4.3.2, step 2); QEMU 7.2 makes it a page fault",
    applies: ({ field, qemu, ours, given }) =>
      given.hasTablesOutsideRam === true &&
      isCause(field) &&
      (PAGE_TO_ACCESS_FAULT.get(qemu) === ours ||
        // … of an AMO: the row above, too.
        (qemu === PAGE_TO_ACCESS_FAULT_OF_AMO[0] && ours === PAGE_TO_ACCESS_FAULT_OF_AMO[1])),
  },
  {
    reason:
      "xtval of an access fault holds the address of the access, or of the part of it that faulted (privileged spec, §3.1.16); " +
      "QEMU 7.2 does a misaligned load where no RAM is in two aligned halves, and reports the first one's address",
    applies: ({ field, qemu, ours, ourTrap }) =>
      field === "trap.mtval" &&
      ourTrap?.mcause === LOAD_ACCESS_FAULT &&
      [2n, 4n, 8n].some((size) => (ours & -size) === qemu),
  },
];

function hasInstruction({ code }: Case, name: RegExp): boolean {
  const view = new DataView(code.buffer, code.byteOffset, code.length);
  const starts = Array.from({ length: code.length / 2 - 1 }, (_, index) => index * 2);
  return starts.some((at) => isNamed(view.getUint32(at, true), name));
}

function isAtomicStore({ code, codeVa }: Case, pc: bigint): boolean {
  const offset = Number(pc - codeVa);
  if (!(offset >= 0 && offset + 4 <= code.length)) return false;
  return isNamed(new DataView(code.buffer, code.byteOffset).getUint32(offset, true), ATOMIC_STORE);
}
