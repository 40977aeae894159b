/** Sv39 page tables for tests: three pages of them, and mappings by virtual address. */
import { RAM_BASE } from "../../src/machine/engine/layout.js";
import type { BareHart } from "./engines.js";

export const PTE = { V: 1n, R: 2n, W: 4n, X: 8n, U: 16n, G: 32n, A: 64n, D: 128n } as const;
/** V, R, W, X, A and D. */
export const ALL = 0xcfn;

const BASE = BigInt(RAM_BASE);
const ROOT = BASE + 0x2_0000n;
const MIDDLE = ROOT + 0x1000n;
const LEAVES = ROOT + 0x2000n;
/** The lowest virtual address that goes by way of all three levels: 2 MiB of them. */
export const MAPPED = 0x4000_0000n;
export const SATP = (8n << 60n) | (ROOT >> 12n);

export const entry = (physical: bigint, flags: bigint): bigint => ((physical >> 12n) << 10n) | flags;
export const leafAddress = (virtual: bigint): bigint => LEAVES + ((virtual >> 12n) & 0x1ffn) * 8n;
export const middleAddress = (virtual: bigint): bigint => MIDDLE + ((virtual >> 21n) & 0x1ffn) * 8n;
export const rootAddress = (virtual: bigint): bigint => ROOT + ((virtual >> 30n) & 0x1ffn) * 8n;

/** S mode with paging: RAM as it lies by a gigapage, `MAPPED` by small pages, and PMP open. */
export function pageIn(hart: BareHart): BareHart {
  hart.placeDouble(rootAddress(BASE), entry(BASE, ALL));
  hart.placeDouble(rootAddress(MAPPED), entry(MIDDLE, PTE.V));
  hart.placeDouble(middleAddress(MAPPED), entry(LEAVES, PTE.V));
  return openPmp(hart).set("satp", SATP).set("privilege", 1n);
}

export const map = (hart: BareHart, virtual: bigint, physical: bigint, flags = ALL): BareHart =>
  hart.placeDouble(leafAddress(virtual), entry(physical, flags));

export const openPmp = (hart: BareHart): BareHart =>
  hart.set("pmpaddr15", (1n << 54n) - 1n).set("pmpcfg2", 0x1fn << 56n);
