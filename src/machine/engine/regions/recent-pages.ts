/**
 * The page that each base register last led to: an access there needs no look into the TLB.
 *
 * Loads and stores have pages of their own. A page is kept no longer than the TLB's entry that it came from is valid:
 * within one call of a region nothing can end it, and what does so between two calls forgets them all.
 */
import type { Assembler, Local } from "../../wasm/assembler.js";
import type { Code } from "../compiled-values.js";
import {
  controlAddress,
  PAGE_BYTES,
  READ_TLB,
  RECENT_PAGE_BYTES,
  RECENT_PAGES_END,
  RECENT_READS,
  RECENT_WRITES,
} from "../layout.js";
import { tlbEntry } from "../tlb.js";

const ADDEND = 8;
const PAGE_OFFSET = PAGE_BYTES - 1;
/** A tag made of this has bits that no page's address has. */
const NO_PAGE = 0x01;

/** At the start of a region: of another address space, no page is recent. `context` holds the present one. */
export function enterRecentPages(asm: Assembler, context: Local): void {
  asm.i32(0);
  asm.memory("i64.load", controlAddress("recentContext"));
  asm.get(context);
  asm.op("i64.ne");
  asm.if(() => {
    asm.i32(RECENT_READS);
    asm.i32(NO_PAGE);
    asm.i32(RECENT_PAGES_END - RECENT_READS);
    asm.fill();
    asm.i32(0);
    asm.get(context);
    asm.memory("i64.store", controlAddress("recentContext"));
  });
}

export function forgetRecentPages(asm: Assembler): void {
  asm.i32(0);
  asm.i64(0n);
  asm.memory("i64.store", controlAddress("recentContext"));
}

export interface RecentAccess {
  readonly tlb: number;
  /** The number of the register that the address is made from. */
  readonly base: number;
  readonly width: number;
  readonly address: Code;
  readonly context: Local;
  /** For the code's own use. */
  readonly page: Local;
  readonly missed: Local;
  readonly entry: Local;
  readonly host: Local;
  /** Does not come back. */
  readonly miss: () => void;
}

/** Leaves the access's address in this memory in `host`. */
export function findRecentPage(asm: Assembler, access: RecentAccess): void {
  const { tlb, base, width, address, page, missed, entry, host } = access;
  const recent = (tlb === READ_TLB ? RECENT_READS : RECENT_WRITES) + base * RECENT_PAGE_BYTES;
  const hostOf = (virtual: Code): void => {
    virtual();
    asm.op("i32.wrap_i64");
    asm.i32(0);
    asm.memory("i32.load", recent + ADDEND);
    asm.op("i32.add");
    asm.set(host);
  };
  hostOf(address);
  address();
  // A misaligned address keeps a low bit, and so misses.
  asm.i64(BigInt(~PAGE_OFFSET | (width - 1)));
  asm.op("i64.and");
  asm.i32(0);
  asm.memory("i64.load", recent);
  asm.op("i64.ne");
  asm.if(() => {
    // By way of memory, so that the host's compiler sees nothing in it that it could share with other accesses: what
    // it shares it keeps, and that costs the fast path its registers.
    asm.i32(0);
    address();
    asm.memory("i64.store", controlAddress("missedAddress"));
    asm.i32(0);
    asm.memory("i64.load", controlAddress("missedAddress"));
    asm.set(missed);
    const virtual = (): void => {
      asm.get(missed);
    };
    tlbEntry(asm, virtual);
    asm.tee(entry);
    asm.memory("i64.load", tlb);
    virtual();
    asm.i64(BigInt(~PAGE_OFFSET));
    asm.op("i64.and");
    asm.tee(page);
    asm.get(access.context);
    asm.op("i64.or");
    asm.op("i64.ne");
    asm.if(access.miss);
    if (width > 1) {
      virtual();
      asm.op("i32.wrap_i64");
      asm.i32(PAGE_OFFSET);
      asm.op("i32.and");
      asm.i32(PAGE_BYTES - width);
      asm.op("i32.gt_u");
      asm.if(access.miss);
    }
    asm.i32(0);
    asm.get(page);
    asm.memory("i64.store", recent);
    asm.i32(0);
    asm.get(entry);
    asm.memory("i32.load", tlb + ADDEND);
    asm.memory("i32.store", recent + ADDEND);
    hostOf(virtual);
  });
}
