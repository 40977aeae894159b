/**
 * Sv39 with random page tables: loads, stores, atomics and fetches through them, the A and D bits they leave, and
 * sfence.vma.
 */
import type { Random } from "../../support/seeded-random.js";
import { SUPERVISOR_HANDLER_OFFSET, type Case, type Slot } from "../case.js";
import { Code } from "../code.js";
import type { Group } from "../differential.js";
import { CODE_OFFSET, CSR_NUMBER, PAGE } from "../slot.js";
import { bytes, chance, pick } from "../values.js";
import { plainCase } from "./common.js";
import { access } from "./memory.js";
import { delegation } from "./traps.js";

const SLOT_PAGES = 16;
/** Pages of the slot, by what they hold. */
const ROOT = 4;
const DIRECTORY = 5;
const CODE_TABLE = 6;
const DATA_TABLE = 7;
const FIRST_DATA = 8;
const DATA_PAGES = 8;

const V = 1n;
const [R, W, X, U] = [2n, 4n, 8n, 16n];
const A = 64n;
const D = 128n;
const MXR = 1n << 19n;
const SUM = 1n << 18n;
const MPRV = 1n << 17n;
const MPP_SHIFT = 11n;
const SV39 = 8n << 60n;

const GIGA = 1n << 30n;
const MEGA = 1n << 21n;
/**
 * Root entry 1 leads to the directory, as does the first entry of the upper half; entry 2 is a page of 1 GiB over RAM.
 */
const LOW = GIGA;
const HIGH = BigInt.asUintN(64, -(1n << 38n));
const CODE_VA = LOW;
const DATA_VA = LOW + MEGA;
const MEGA_VA = LOW + 2n * MEGA;
/** As RAM's physical addresses. */
const GIGA_BASE = 2n * GIGA;

const OUTSIDE_RAM = 0x20_0000_0000n;

/** Each holds the address of a page's start, in another part of the address space. */
const BASES = { data: 8, mega: 9, giga: 18, high: 19, none: 20, tables: 21 } as const;
const entry = (address: bigint, flags: bigint): bigint => ((address >> 12n) << 10n) | flags;

/** Often good, often with one bit wrong, sometimes anything. */
function leafFlags(random: Random): bigint {
  if (chance(random, 6)) return BigInt(random(1 << 10));
  const owner = chance(random, 2) ? U : 0n;
  const marks = pick(random, [0n, A, A | D, D]);
  const permissions = pick(random, [R | W | X, R | W | X, R | W, R, X, R | X, W, W | X]);
  return (
    V | permissions | owner | marks | (chance(random, 4) ? BigInt(random(8)) << 8n : 0n) | (BigInt(random(2)) << 5n)
  );
}

/** Bits that must be 0: reserved ones, and those of Svpbmt and Svnapot, which nobody has here. */
const reserved = (random: Random): bigint => (chance(random, 24) ? 1n << BigInt(54 + random(10)) : 0n);

interface Tables {
  readonly contents: [number, Uint8Array][];
  readonly leaveRam: boolean;
}

function tables(random: Random, slot: Slot, codeFlags: bigint): Tables {
  const page = (index: number): bigint => slot.base + BigInt(index * PAGE);
  const contents: [number, Uint8Array][] = [];
  const table = (index: number, entries: readonly (readonly [number, bigint])[]): void => {
    const content = new Uint8Array(PAGE);
    const view = new DataView(content.buffer);
    for (const [at, value] of entries) view.setBigUint64(at * 8, BigInt.asUintN(64, value), true);
    contents.push([index * PAGE, content]);
  };
  const leaveRam = chance(random, 16);
  const pointer = (index: number): bigint => {
    const address = leaveRam && chance(random, 2) ? OUTSIDE_RAM : page(index);
    const wrong = chance(random, 16) ? pick(random, [A, D, U, W, 1n << 54n, 1n << 63n]) : 0n;
    return entry(address, V | (chance(random, 4) ? BigInt(random(8)) << 7n : 0n)) ^ wrong;
  };
  const goodPointer = (index: number): bigint => entry(page(index), V);
  const leaf = (address: bigint): bigint => entry(address, leafFlags(random)) | reserved(random);
  const megaFrame = slot.base & -MEGA;
  const misaligned = (bits: bigint): bigint => (chance(random, 8) ? bits : 0n);

  table(ROOT, [
    [1, chance(random, 8) ? pointer(DIRECTORY) : goodPointer(DIRECTORY)],
    [256, pointer(DIRECTORY)],
    [2, leaf(GIGA_BASE + misaligned(MEGA))],
    ...(chance(random, 2) ? [] : ([[3, leaf(page(FIRST_DATA))]] as const)),
  ]);
  table(DIRECTORY, [
    [0, goodPointer(CODE_TABLE)],
    [1, pointer(DATA_TABLE)],
    [2, leaf(megaFrame + misaligned(0x1000n))],
  ]);
  table(CODE_TABLE, [[0, entry(page(CODE_OFFSET / PAGE), codeFlags)]]);
  table(
    DATA_TABLE,
    Array.from({ length: 16 }, (_, index) => [index, leaf(page(FIRST_DATA + random(DATA_PAGES)))] as const),
  );
  return { contents, leaveRam };
}

/** Entries that a case reads must be alike, and those that AMOs left on QEMU may not be (known-differences.ts). */
type Extra = "tables" | "atomics";

function addEvent(random: Random, code: Code, extra: Extra): void {
  const bases = [BASES.data, BASES.data, BASES.data, BASES.mega, BASES.giga, BASES.high];
  const base = chance(random, 20) ? BASES.none : pick(random, bases);
  switch (random(12)) {
    case 0: {
      if (extra !== "atomics") break;
      const name = pick(random, ["amoadd.w", "amoswap.d", "lr.w", "lr.d", "sc.d", "amomax.d"]);
      code.add(name, { rd: 22, rs1: base, rs2: 23 });
      break;
    }
    case 1:
      code.constant(24, pick(random, [SUM, MXR, SUM | MXR]));
      code.add(pick(random, ["csrrs", "csrrc"]), { rs1: 24, imm: CSR_NUMBER["sstatus"]! });
      break;
    case 2:
      code.add("sfence.vma", { rs1: pick(random, [0, base]), rs2: pick(random, [0, 25]) });
      break;
    case 3:
      // Another page; not of RAM as it lies, where it could be a table, whose change needs a fence.
      if (base === BASES.mega || base === BASES.giga) break;
      code.constant(24, BigInt(PAGE * (1 + random(3))));
      code.add(pick(random, ["add", "sub"]), { rd: base, rs1: base, rs2: 24 });
      break;
    case 4:
      // Another entry of the table of data pages, fenced as it must be.
      if (extra !== "tables") break;
      code.constant(24, BigInt(random(1 << 10)) | (BigInt(random(2 ** 20)) << 34n));
      code.add("ld", { rd: 25, rs1: BASES.tables, imm: 8 * random(16) });
      code.add("xori", { rd: 25, rs1: 25, imm: pick(random, [V, R, W, X, U, A, D].map(Number)) });
      code.add("sd", { rs1: BASES.tables, rs2: 25, imm: 8 * random(16) });
      code.add("sfence.vma");
      break;
    default:
      access(random, code, base, KEPT);
  }
}
const KEPT = new Set<number>([...Object.values(BASES), 24]);

export const PAGING: Group = {
  name: "of Sv39",
  slotPages: SLOT_PAGES,
  cases: 1800,
  generate: (random, slot): Case => {
    const code = new Code();
    const translatesInM = chance(random, 4);
    const mode = translatesInM ? 3n : pick(random, [0n, 1n, 1n]);
    if (translatesInM) {
      code.constant(24, 3n << MPP_SHIFT).add("csrrc", { rs1: 24, imm: CSR_NUMBER["mstatus"]! });
      code
        .constant(24, MPRV | (pick(random, [0n, 1n]) << MPP_SHIFT))
        .add("csrrs", { rs1: 24, imm: CSR_NUMBER["mstatus"]! });
    }
    // U mode can't fence.
    const extra = mode === 0n ? "atomics" : pick<Extra>(random, ["atomics", "tables"]);
    const count = 10 + random(20);
    for (let index = 0; index < count; index += 1) {
      // A trap and the return from it change MPP, on which QEMU 7.2 does not drop its translations for MPRV.
      if (translatesInM) code.add("sfence.vma");
      addEvent(random, code, extra);
    }
    const codePage = slot.base + BigInt(CODE_OFFSET);
    const codeVa = translatesInM ? codePage : CODE_VA;
    const owner = mode === 0n ? U : 0n;
    const codeFlags = chance(random, 10) ? leafFlags(random) : V | R | X | A | owner;
    const supervisorHandlerVa = codeVa + BigInt(SUPERVISOR_HANDLER_OFFSET);
    // What fetches raise stays with M mode: the S-mode handler may be out of reach itself.
    const { contents, leaveRam } = tables(random, slot, codeFlags);
    // Page faults and access faults are not told apart where tables leave RAM (known-differences.ts): both to M mode.
    const medeleg = leaveRam ? 0n : delegation(random) & ~((1n << 1n) | (1n << 12n));
    const sumMxr = pick(random, [0n, SUM, MXR, SUM | MXR]);
    const status = (mode << MPP_SHIFT) | (1n << 13n) | sumMxr;
    const asid = BigInt(random(4)) << 44n;
    const csrs = {
      mepc: codeVa,
      satp: SV39 | asid | ((slot.base + BigInt(ROOT * PAGE)) >> 12n),
      medeleg,
      stvec: supervisorHandlerVa,
      mstatus: status,
    };
    const offset = slot.base - (slot.base & -MEGA);
    const x = (values: bigint[]): void => {
      values[BASES.data] = DATA_VA + BigInt(PAGE * (4 + random(8)));
      values[BASES.mega] = MEGA_VA + offset + BigInt(PAGE * (FIRST_DATA + 3));
      values[BASES.giga] = GIGA_BASE + (slot.base & (GIGA - 1n)) + BigInt(PAGE * (FIRST_DATA + 4));
      values[BASES.high] = HIGH + MEGA + BigInt(PAGE * (4 + random(8)));
      values[BASES.none] = pick(random, [1n << 39n, 1n << 63n, 0n, 4n * GIGA, (1n << 38n) + LOW, LOW + 3n * MEGA]);
      values[BASES.tables] = GIGA_BASE + (slot.base & (GIGA - 1n)) + BigInt(PAGE * DATA_TABLE);
    };
    const data: [number, Uint8Array][] = Array.from({ length: DATA_PAGES }, (_, index) => [
      (FIRST_DATA + index) * PAGE,
      bytes(random, PAGE),
    ]);
    const plain = plainCase(random, slot, code.bytes(), { x, csrs });
    return {
      ...plain,
      codeVa,
      supervisorHandlerVa,
      hasTablesOutsideRam: leaveRam,
      contents: [...contents, ...data],
    };
  },
};
