/**
 * PMP with random entries: accesses around their edges, in S and U mode and in M mode as either; and locked entries, in
 * M mode.
 */
import type { Random } from "../../support/seeded-random.js";
import { OPEN_PMP, type Case, type Slot } from "../case.js";
import { Code } from "../code.js";
import { csrValue } from "../csr-values.js";
import type { Group } from "../differential.js";
import { CODE_OFFSET, CSR_NUMBER, DATA_OFFSET, PAGE, type CsrIn } from "../slot.js";
import { bytes, chance, integer, pick } from "../values.js";
import { plainCase } from "./common.js";

const DATA_PAGES = 6;
const SLOT_PAGES = 2 + DATA_PAGES;
const MPRV = 1n << 17n;
const MPP_SHIFT = 11n;
const [OFF, TOR, NA4, NAPOT] = [0n, 1n, 2n, 3n];
const LOCK = 0x80n;
const RWX = 7n;
const ALL = (1n << 54n) - 1n;

/** Points at an edge of an entry; the offsets reach around it. */
const EDGES = [8, 9, 18, 19] as const;

interface Entry {
  readonly config: bigint;
  readonly address: bigint;
  /** A physical address where something changes. */
  readonly edge: bigint;
}

const napot = (base: bigint, size: bigint): bigint => (base >> 2n) | ((size >> 3n) - 1n);

/** Within the data pages, so that code is never cut in two: QEMU asks for a whole page of it at a time. */
function dataEntry(random: Random, slot: Slot): Entry {
  const start = slot.base + BigInt(DATA_OFFSET);
  const granularity = pick(random, [4, 8, 64, PAGE / 2, PAGE]);
  const place = start + BigInt(granularity * random((DATA_PAGES * PAGE) / granularity));
  const permissions = BigInt(random(8));
  const mode = pick(random, [OFF, TOR, TOR, NA4, NAPOT, NAPOT]);
  if (mode !== NAPOT) return { config: (mode << 3n) | permissions, address: place >> 2n, edge: place };
  const size = BigInt(8 << random(12));
  const base = place & -size;
  return {
    config: (NAPOT << 3n) | permissions,
    address: napot(base, size),
    edge: chance(random, 2) ? base : base + size,
  };
}

/** What the registers that point at edges hold, by their number. */
type Edges = ReadonlyMap<number, bigint>;

const pickEdges = (random: Random, edges: readonly bigint[]): Edges =>
  new Map(EDGES.map((register) => [register, pick(random, edges)]));

const setEdges =
  (edges: Edges) =>
  (values: bigint[]): void => {
    for (const [register, edge] of edges) values[register] = edge;
  };

const WIDEST = 8;

/**
 * Within one page each: of an access that lies in two, QEMU 7.2 checks the two aligned doublewords around it, so that
 * an entry that allows all of it may not be enough; we check what is accessed.
 */
function offsetWithinPage(random: Random, base: bigint): number {
  const imm = pick(random, [-8, -4, -2, -1, 0, 0, 1, 2, 4, 8]);
  const inPage = Number((base + BigInt(imm)) & BigInt(PAGE - 1));
  const width = imm % 8 === 0 ? WIDEST : imm % 4 === 0 ? 4 : 1;
  return inPage + width <= PAGE ? imm : offsetWithinPage(random, base);
}

function addAccess(random: Random, code: Code, edges: Edges, fence: boolean): void {
  const base = pick(random, EDGES);
  const imm = offsetWithinPage(random, edges.get(base)!);
  const names =
    imm % 8 === 0
      ? ["ld", "sd", "fld", "fsd", "lw", "sw", "lb", "sb"]
      : imm % 4 === 0
        ? ["lw", "sw", "flw", "lh"]
        : ["lb", "sb", "lbu"];
  // Where an entry covers part of a page, QEMU 7.2 may keep for the whole page what another entry allows.
  if (fence) code.add("sfence.vma");
  const register = 10 + random(6);
  const name = pick(random, names);
  const isStore = /^f?s/.test(name);
  if (chance(random, 8) && imm === 0) code.add(pick(random, ["lr.w", "lr.d"]), { rd: register, rs1: base });
  else code.add(name, isStore ? { rs1: base, rs2: register, imm } : { rd: register, rs1: base, imm });
}

function pmpCsrs(entries: readonly Entry[]): Partial<Record<CsrIn, bigint>> {
  const config = (from: number): bigint =>
    entries.slice(from, from + 8).reduce((bits, entry, index) => bits | (entry.config << BigInt(8 * index)), 0n);
  return {
    ...Object.fromEntries(entries.map(({ address }, index) => [`pmpaddr${String(index)}`, address])),
    pmpcfg0: config(0),
    pmpcfg2: config(8),
  };
}

const withData = (random: Random, plain: Case): Case => ({
  ...plain,
  contents: [[DATA_OFFSET, bytes(random, DATA_PAGES * PAGE)]],
});

export const PROTECTION: Group = {
  name: "of PMP",
  slotPages: SLOT_PAGES,
  cases: 1800,
  generate: (random, slot): Case => {
    const count = 1 + random(14);
    const entries = Array.from({ length: 16 }, (_, index): Entry =>
      index < count ? dataEntry(random, slot) : { config: 0n, address: 0n, edge: 0n },
    );
    const codePage = slot.base + BigInt(CODE_OFFSET);
    const opens = chance(random, 2);
    entries[14] = { config: (NAPOT << 3n) | RWX, address: napot(codePage, BigInt(PAGE)), edge: codePage };
    entries[15] = { config: (NAPOT << 3n) | (opens ? RWX : BigInt(random(8))), address: ALL, edge: 0n };
    const code = new Code();
    const mode = pick(random, [1n, 3n]);
    if (mode === 3n) {
      code.constant(24, 3n << MPP_SHIFT).add("csrrc", { rs1: 24, imm: CSR_NUMBER["mstatus"]! });
      const translated = MPRV | (pick(random, [0n, 1n]) << MPP_SHIFT);
      code.constant(24, translated).add("csrrs", { rs1: 24, imm: CSR_NUMBER["mstatus"]! });
    }
    const accesses = 10 + random(20);
    const edges = pickEdges(
      random,
      entries.slice(0, count).map(({ edge }) => edge),
    );
    for (let index = 0; index < accesses; index += 1) addAccess(random, code, edges, true);
    const csrs = { ...pmpCsrs(entries), mstatus: (mode << MPP_SHIFT) | (1n << 13n) };
    return withData(random, plainCase(random, slot, code.bytes(), { x: setEdges(edges), csrs }));
  },
};

/** Locked entries stay till reset: each case locks two more, of its own pages. */
const ENTRIES_A_CASE = 2;
const LOCKING_CASES = 7;

export const LOCKED_PROTECTION: Group = {
  name: "of locked PMP entries",
  slotPages: SLOT_PAGES,
  cases: 140,
  casesARun: LOCKING_CASES,
  generate: (random, slot, index): Case => {
    const first = index * ENTRIES_A_CASE;
    const start = slot.base + BigInt(DATA_OFFSET);
    const low = start + BigInt(4 * random(PAGE));
    const high = low + BigInt(4 * random(PAGE / 2));
    const isRange = chance(random, 2);
    // At most a page: it must not reach the record or the code, which M mode could then not use any more.
    const size = BigInt(8 << random(10));
    const base = low & -size;
    const locked = LOCK | BigInt(random(8)) | ((isRange ? TOR : NAPOT) << 3n);
    const csrs: Partial<Record<CsrIn, bigint>> = {
      ...OPEN_PMP,
      pmpaddr0: 0n,
      [`pmpaddr${String(first)}`]: low >> 2n,
      [`pmpaddr${String(first + 1)}`]: isRange ? high >> 2n : napot(base, size),
      pmpaddr15: ALL,
      pmpcfg0: 0n,
      pmpcfg2: 0n,
    };
    if (first === 0) csrs.pmpaddr0 = low >> 2n;
    const shift = BigInt(8 * ((first + 1) % 8));
    const open = ((NAPOT << 3n) | RWX) << 56n;
    csrs.pmpcfg0 = first < 8 ? locked << shift : 0n;
    csrs.pmpcfg2 = (first < 8 ? 0n : locked << shift) | open;
    const code = new Code();
    const events = 12 + random(12);
    const edges = pickEdges(random, isRange ? [low, high] : [base, base + size]);
    for (let event = 0; event < events; event += 1) {
      if (!chance(random, 4)) addAccess(random, code, edges, true);
      else rewrite(random, code, first + 2);
    }
    const mode = pick(random, [3n, 3n, 1n]);
    return withData(
      random,
      plainCase(random, slot, code.bytes(), {
        x: setEdges(edges),
        csrs: { ...csrs, mstatus: (mode << MPP_SHIFT) | (1n << 13n) },
      }),
    );
  },
};

/**
 * Writes that a lock must hold off, and reads of what they left. Entries behind the present ones are written by nobody.
 */
function rewrite(random: Random, code: Code, entries: number): void {
  const index = random(entries);
  const isAddress = chance(random, 2);
  const csr = isAddress ? CSR_NUMBER[`pmpaddr${String(index)}`]! : CSR_NUMBER[index < 8 ? "pmpcfg0" : "pmpcfg2"]!;
  code.constant(24, isAddress ? integer(random) & ALL : csrValue(random, csr) & 0x0707_0707_0707_0707n);
  code.add(pick(random, ["csrrw", "csrrs", "csrrc"]), { rd: 25, rs1: 24, imm: csr });
  code.add("csrr", { rd: 26, imm: csr });
}
