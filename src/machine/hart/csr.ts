/** The CSRs of a hart (privileged spec, chapter 2): what a read returns and what a write stores. */
import { NS_PER_TICK } from "../../reducers/clint.js";
import type { SystemOps } from "./system-ops.js";
import { markFloatDirty, requireFloat } from "./float-status.js";
import type { HartField, PmpAddress } from "./fields.js";
import { FS_DIRTY, FS_MASK, MPP_MASK, MPP_SHIFT, MPRV, MSTATUS_WRITABLE, MXR, PRIVILEGE, SD } from "./mstatus.js";
import { SSTATUS_VISIBLE, SSTATUS_WRITABLE, SUM, TVM, XLEN_FIELDS } from "./mstatus.js";

export interface Csr {
  readonly name: string;
  readonly read: <V, C, R>(o: SystemOps<V, C, R>) => V;
  /** Absent: every write is ignored. */
  readonly write?: <V, C, R>(o: SystemOps<V, C, R>, value: V) => void;
  /** The value that a set or clear starts from, if a read returns another. */
  readonly modified?: <V, C, R>(o: SystemOps<V, C, R>) => V;
  /** Traps if the CSR is inaccessible despite a sufficient privilege. */
  readonly gate?: <V, C, R>(o: SystemOps<V, C, R>) => void;
}

const MISA = (2n << 62n) | extensions("ACDFIMSU");
/** SSIP, STIP and SEIP: software may set and delegate them. */
const S_INTERRUPTS = 0x222n;
const SSIP = 0x2n;
const ALL_INTERRUPTS = 0xaaan;
/** Every exception but the M-mode ecall, which can't be delegated. */
const DELEGABLE_EXCEPTIONS = 0xb3ffn;
const MENVCFG_FIOM = 1n;
const PMP_ADDRESS_BITS = (1n << 54n) - 1n;
const PMP_CONFIG_BITS = 0x9f9f_9f9f_9f9f_9f9fn;
const EACH_BYTE = 0x0101_0101_0101_0101n;
const SATP_SV39 = 8n;
const MCAUSE_BITS = (1n << 63n) | 0x3fn;

function extensions(letters: string): bigint {
  return [...letters].reduce((bits, letter) => bits | (1n << BigInt(letter.charCodeAt(0) - 65)), 0n);
}

const plain = (name: HartField): Csr => ({
  name,
  read: (o) => o.field(name),
  write: (o, value) => {
    o.setField(name, value);
  },
});

const masked = (name: HartField, mask: bigint): Csr => ({
  name,
  read: (o) => o.field(name),
  write: (o, value) => {
    o.setField(name, o.and(value, o.i64(mask)));
  },
});

const constant = (name: string, value: bigint): Csr => ({ name, read: (o) => o.i64(value) });

/** A write changes the bits of `mask`, and keeps the others. */
const merge = <V, C, R>(o: SystemOps<V, C, R>, name: HartField, value: V, mask: bigint): V =>
  o.or(o.and(o.field(name), o.i64(~mask)), o.and(value, o.i64(mask)));

const pending = <V, C, R>(o: SystemOps<V, C, R>): V => o.or(o.field("mip"), o.input("interruptLines"));

const readStatus = <V, C, R>(o: SystemOps<V, C, R>): V => {
  const status = o.field("mstatus");
  const dirty = o.eq(o.and(status, o.i64(FS_MASK)), o.i64(FS_DIRTY));
  return o.or(o.or(status, o.i64(XLEN_FIELDS)), o.select(dirty, o.i64(SD), o.i64(0n)));
};

/** Writes mstatus. Ends the run only if the change has an effect, because code toggles SIE often. */
function writeStatus<V, C, R>(o: SystemOps<V, C, R>, value: V, writable: bigint): void {
  const old = o.bind(o.field("mstatus"));
  const merged = o.bind(merge(o, "mstatus", value, writable));
  // MPP is WARL: 2 is not a privilege, and the old value stays.
  const mpp = o.and(merged, o.i64(MPP_MASK));
  const reserved = o.eq(mpp, o.i64(2n << MPP_SHIFT));
  const next = o.bind(o.select(reserved, o.or(o.and(merged, o.i64(~MPP_MASK)), o.and(old, o.i64(MPP_MASK))), merged));
  o.setField("mstatus", next);
  const translation = o.and(o.xor(old, next), o.i64(MPRV | SUM | MXR | MPP_MASK));
  const takeable = o.and(pending(o), o.field("mie"));
  o.when(o.ne(o.or(translation, takeable), o.i64(0n)), () => {
    o.contextChanged();
  });
}

function writeInterrupts<V, C, R>(o: SystemOps<V, C, R>, name: "mie" | "mip" | "mideleg", value: V): void {
  o.setField(name, value);
  o.contextChanged();
}

/** A view of some bits of a CSR that M mode has delegated. */
const delegated = (name: string, of: "mie" | "mip", writable: bigint): Csr => ({
  name,
  read: (o) => o.and(of === "mip" ? pending(o) : o.field(of), o.field("mideleg")),
  modified: (o) => o.field(of),
  write: (o, value) => {
    const mask = o.bind(o.and(o.field("mideleg"), o.i64(writable)));
    const kept = o.and(o.field(of), o.xor(mask, o.i64(-1n)));
    writeInterrupts(o, of, o.or(kept, o.and(value, mask)));
  },
});

/** §3.1.11 and §4.1.5: the counters that mcounteren and scounteren open. */
const counterGate =
  (bit: bigint): NonNullable<Csr["gate"]> =>
  (o) => {
    const shut = (name: HartField): ReturnType<typeof o.eq> => o.eq(o.and(o.field(name), o.i64(1n << bit)), o.i64(0n));
    const privilege = o.field("privilege");
    const inS = o.both(o.ltU(privilege, o.i64(PRIVILEGE.machine)), shut("mcounteren"));
    const inU = o.both(o.eq(privilege, o.i64(PRIVILEGE.user)), shut("scounteren"));
    o.when(o.either(inS, inU), () => {
      o.illegal();
    });
  };

/**
 * The instructions retired before this one, plus the offset that software wrote. A write takes effect after its
 * instruction.
 */
/** A cycle passes for all harts at once: with each instruction, whoever retires it. */
const COUNTED = { mcycleOffset: "icount", minstretOffset: "instret" } as const;

const counter = (name: string, offset: keyof typeof COUNTED, gateBit?: bigint): Csr => ({
  name,
  read: (o) => o.add(o.input(COUNTED[offset]), o.field(offset)),
  ...(gateBit === undefined
    ? {
        write: (o, value) => {
          o.setField(offset, o.sub(o.sub(value, o.input(COUNTED[offset])), o.i64(1n)));
        },
      }
    : { gate: counterGate(gateBit) }),
});

const floatCsr = (
  name: string,
  read: Csr["read"],
  assign: <V, C, R>(o: SystemOps<V, C, R>, value: V) => void,
): Csr => ({
  name,
  gate: requireFloat,
  read,
  write: (o, value) => {
    assign(o, value);
    markFloatDirty(o);
  },
});

/** §3.7.1: a locked entry keeps its configuration until reset. */
const pmpConfig = (name: "pmpcfg0" | "pmpcfg2"): Csr => ({
  name,
  read: (o) => o.field(name),
  write: (o, value) => {
    const old = o.bind(o.field(name));
    const locked = o.bind(o.mul(o.and(o.shrU(old, o.i64(7n)), o.i64(EACH_BYTE)), o.i64(0xffn)));
    const legal = o.and(value, o.i64(PMP_CONFIG_BITS));
    o.setField(name, o.or(o.and(old, locked), o.and(legal, o.xor(locked, o.i64(-1n)))));
    o.translationsChanged();
  },
});

const PMP_LOCK = 0x80n;
const PMP_LOCKED_TOR = 0x88n;
const PMP_LOCK_AND_MODE = 0x98n;

/** A locked entry locks its address. A locked TOR entry also locks the address before it, where its range starts. */
const pmpAddress = (index: number): Csr => {
  const name = `pmpaddr${String(index)}` as PmpAddress;
  const configByte = <V, C, R>(o: SystemOps<V, C, R>, entry: number): V =>
    o.shrU(o.field(entry < 8 ? "pmpcfg0" : "pmpcfg2"), o.i64(BigInt(8 * (entry % 8))));
  return {
    name,
    read: (o) => o.field(name),
    write: (o, value) => {
      const locked = o.ne(o.and(configByte(o, index), o.i64(PMP_LOCK)), o.i64(0n));
      const lockedByNext =
        index === 15
          ? locked
          : o.either(locked, o.eq(o.and(configByte(o, index + 1), o.i64(PMP_LOCK_AND_MODE)), o.i64(PMP_LOCKED_TOR)));
      o.when(o.not(lockedByNext), () => {
        o.setField(name, o.and(value, o.i64(PMP_ADDRESS_BITS)));
        o.translationsChanged();
      });
    },
  };
};

const satp: Csr = {
  name: "satp",
  gate: (o) => {
    const trapped = o.both(
      o.eq(o.field("privilege"), o.i64(PRIVILEGE.supervisor)),
      o.ne(o.and(o.field("mstatus"), o.i64(TVM)), o.i64(0n)),
    );
    o.when(trapped, () => {
      o.illegal();
    });
  },
  read: (o) => o.field("satp"),
  // §4.1.11: a write with an unsupported MODE has no effect at all.
  write: (o, value) => {
    const mode = o.shrU(value, o.i64(60n));
    o.when(
      o.either(o.eq(mode, o.i64(0n)), o.eq(mode, o.i64(SATP_SV39))),
      () => {
        o.setField("satp", value);
        o.contextChanged();
      },
      () => {
        o.setNote("refusedSatp", value);
        o.setNote("refusedSatpPc", o.pc());
      },
    );
  },
};

/** Vectored and direct modes. A reserved mode reads as direct. */
const trapVector = (name: "mtvec" | "stvec"): Csr => ({
  name,
  read: (o) => o.field(name),
  // QEMU ignores a write of a reserved mode.
  write: (o, value) => {
    o.when(o.ltU(o.and(value, o.i64(3n)), o.i64(2n)), () => {
      o.setField(name, value);
    });
  },
});

/** IALIGN is 16: bit 0 of an exception's pc is always 0. */
const exceptionPc = (name: "mepc" | "sepc"): Csr => masked(name, ~1n);

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const HPM_COUNTERS = range(29).map((index) => index + 3);

// prettier-ignore
export const CSRS: ReadonlyMap<number, Csr> = new Map<number, Csr>([
  [0x001, floatCsr("fflags", (o) => o.field("fflags"), (o, value) => { o.setField("fflags", o.and(value, o.i64(0x1fn))); })],
  [0x002, floatCsr("frm", (o) => o.field("frm"), (o, value) => { o.setField("frm", o.and(value, o.i64(7n))); })],
  [0x003, floatCsr("fcsr", (o) => o.or(o.shl(o.field("frm"), o.i64(5n)), o.field("fflags")), (o, value) => {
    o.setField("fflags", o.and(value, o.i64(0x1fn)));
    o.setField("frm", o.and(o.shrU(value, o.i64(5n)), o.i64(7n)));
  })],

  [0xc00, counter("cycle", "mcycleOffset", 0n)],
  [0xc01, { name: "time", gate: counterGate(1n), read: (o) => o.add(o.divU(o.input("virtualNs"), o.i64(NS_PER_TICK)), o.input("mtimeOffset")) }],
  [0xc02, counter("instret", "minstretOffset", 2n)],
  ...HPM_COUNTERS.map((index): [number, Csr] => [
    0xc00 + index,
    { ...constant(`hpmcounter${String(index)}`, 0n), gate: counterGate(BigInt(index)) },
  ]),

  [0x100, { name: "sstatus", read: (o) => o.and(readStatus(o), o.i64(SSTATUS_VISIBLE)), modified: (o) => o.field("mstatus"), write: (o, value) => { writeStatus(o, value, SSTATUS_WRITABLE); } }],
  [0x104, delegated("sie", "mie", S_INTERRUPTS)],
  [0x105, trapVector("stvec")],
  [0x106, masked("scounteren", 0xffff_ffffn)],
  [0x10a, masked("senvcfg", MENVCFG_FIOM)],
  [0x140, plain("sscratch")],
  [0x141, exceptionPc("sepc")],
  [0x142, masked("scause", MCAUSE_BITS)],
  [0x143, plain("stval")],
  [0x144, delegated("sip", "mip", SSIP)],
  [0x180, satp],

  [0xf11, constant("mvendorid", 0n)],
  [0xf12, constant("marchid", 0n)],
  [0xf13, constant("mimpid", 0n)],
  [0xf14, { name: "mhartid", read: (o) => o.input("hartId") }],
  [0xf15, constant("mconfigptr", 0n)],

  [0x300, { name: "mstatus", read: readStatus, write: (o, value) => { writeStatus(o, value, MSTATUS_WRITABLE); } }],
  [0x301, constant("misa", MISA)],
  [0x302, masked("medeleg", DELEGABLE_EXCEPTIONS)],
  [0x303, { name: "mideleg", read: (o) => o.field("mideleg"), write: (o, value) => { writeInterrupts(o, "mideleg", o.and(value, o.i64(S_INTERRUPTS))); } }],
  [0x304, { name: "mie", read: (o) => o.field("mie"), write: (o, value) => { writeInterrupts(o, "mie", o.and(value, o.i64(ALL_INTERRUPTS))); } }],
  [0x305, trapVector("mtvec")],
  [0x306, masked("mcounteren", 0xffff_ffffn)],
  [0x30a, masked("menvcfg", MENVCFG_FIOM)],
  [0x320, constant("mcountinhibit", 0n)],
  ...HPM_COUNTERS.map((index): [number, Csr] => [0x320 + index, constant(`mhpmevent${String(index)}`, 0n)]),
  [0x340, plain("mscratch")],
  [0x341, exceptionPc("mepc")],
  [0x342, masked("mcause", MCAUSE_BITS)],
  [0x343, plain("mtval")],
  // §3.1.9: a set or clear of mip works on the bits that software wrote, not on the PLIC's line.
  [0x344, { name: "mip", read: pending, modified: (o) => o.field("mip"), write: (o, value) => { writeInterrupts(o, "mip", o.and(value, o.i64(S_INTERRUPTS))); } }],
  [0x3a0, pmpConfig("pmpcfg0")],
  [0x3a2, pmpConfig("pmpcfg2")],
  ...range(16).map((index): [number, Csr] => [0x3b0 + index, pmpAddress(index)]),

  [0xb00, counter("mcycle", "mcycleOffset")],
  [0xb02, counter("minstret", "minstretOffset")],
  ...HPM_COUNTERS.map((index): [number, Csr] => [0xb00 + index, constant(`mhpmcounter${String(index)}`, 0n)]),
]);
