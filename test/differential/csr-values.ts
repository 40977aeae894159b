/**
 * Values to write to CSRs such that both machines must take them alike. Fields that one of them lacks are WARL or WLRL,
 * where the specification lets an implementation choose; the table says what each CSR's common part is.
 */
import type { Random } from "../support/seeded-random.js";
import { CSR_NUMBER } from "./slot.js";
import { integer, pick } from "./values.js";

const S_INTERRUPTS = 0x222n;
const CAUSE = (1n << 63n) | 0x3fn;
const MPP = 3n << 11n;
const MSTATUS_FIELDS = 0x7e_79aan;
const EACH_PMP_ENTRY = 0x1f1f_1f1f_1f1f_1f1fn;

/** All bits, but for: */
const COMMON_BITS: Readonly<Record<string, bigint>> = {
  // QEMU 7.2 has mstatus.VS without V, writes UXL and SXL, and GVA and MPV without H.
  mstatus: MSTATUS_FIELDS,
  sstatus: MSTATUS_FIELDS,
  // 32-bit registers (privileged spec, §3.1.11); QEMU keeps 64 bits.
  mcounteren: 0xffff_ffffn,
  scounteren: 0xffff_ffffn,
  // Fields of extensions that are switched off here stay writable on QEMU.
  menvcfg: 1n,
  senvcfg: 1n,
  // Bits of the hypervisor extension and of the M-mode ecall, which can't come from a lower mode.
  medeleg: 0xb3ffn,
  mideleg: S_INTERRUPTS,
  mie: 0xaaan,
  sie: 0xaaan,
  mip: S_INTERRUPTS,
  sip: S_INTERRUPTS,
  // WLRL: causes that exist need 6 bits.
  mcause: CAUSE,
  scause: CAUSE,
  // Bit 0 is always 0 (privileged spec, §3.1.14); QEMU keeps it.
  mepc: ~1n,
  sepc: ~1n,
  // Bits 5 and 6 of an entry are 0 (privileged spec, figure of pmpcfg); QEMU keeps them. No locks: no software undoes
  // them.
  pmpcfg0: EACH_PMP_ENTRY,
  pmpcfg2: EACH_PMP_ENTRY,
  ...Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`pmpaddr${String(index)}`, (1n << 54n) - 1n])),
};

const NAMES = new Map(Object.entries(CSR_NUMBER).map(([name, number]) => [number, name]));
/** No Sv48 and Sv57, which QEMU has. */
const SATP_MODES = [0n, 8n, 8n, 1n, 5n, 15n];

export function csrValue(random: Random, number: number, how: "write" | "modify" = "write"): bigint {
  const name = NAMES.get(number) ?? "";
  const value = integer(random);
  if (name === "satp") {
    const mode = how === "write" ? pick(random, SATP_MODES) : 0n;
    return (mode << 60n) | (value & ((1n << 60n) - 1n));
  }
  const common = value & (COMMON_BITS[name] ?? -1n);
  // MPP = 2 is no mode: ours keeps the old one, QEMU the 2. A set or clear of one bit could make it.
  const isMppSafe = name !== "mstatus" || [0n, MPP, ...(how === "write" ? [1n << 11n] : [])].includes(common & MPP);
  return BigInt.asUintN(64, isMppSafe ? common : common & ~MPP);
}
