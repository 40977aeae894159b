/**
 * What a store to a page table voids. Translations are coherent with the tables in memory, with or without a fence. So
 * each entry that a walk used is marked by a bit, and each walked page by flags for its levels.
 */
import type { Assembler, Local } from "../wasm/assembler.js";
import { functionFrame } from "./function-frame.js";
import {
  PAGE_FLAG,
  PAGE_SHIFT,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
  TLBS,
  WALKED_BYTES_A_PAGE,
  WRITE_TLB,
  type Layout,
} from "./layout.js";
import { SlotOps, type EngineFunctions } from "./slot-ops.js";

const ENTRY_SHIFT = 3;
const ENTRIES_A_TABLE = 512;
/** Neighbouring pages of one table are adjacent in a TLB, and the TLB repeats after this many tables. */
const TABLES_IN_TLB = TLB_ENTRIES / ENTRIES_A_TABLE;
const TABLE_BYTES = ENTRIES_A_TABLE * TLB_ENTRY_BYTES;

/** Leaves the address of the byte with the bit of the entry at `ramOffset`. */
const walkedByte = (asm: Assembler, layout: Layout, ramOffset: Local): void => {
  asm.get(ramOffset);
  asm.i32(ENTRY_SHIFT + 3);
  asm.op("i32.shr_u");
  asm.i32(layout.walkedEntries);
  asm.op("i32.add");
};

const walkedBit = (asm: Assembler, ramOffset: Local): void => {
  asm.i32(1);
  asm.get(ramOffset);
  asm.i32(ENTRY_SHIFT);
  asm.op("i32.shr_u");
  asm.i32(7);
  asm.op("i32.and");
  asm.op("i32.shl");
};

/**
 * (ramOffset, level: i32): a walk continues from the entry there, or ends with it. Later stores to it must be noticed.
 */
export function notePageTableFunction(layout: Layout, forgetWritesTo: number): Assembler {
  const { frame, parameter } = functionFrame(["i32"], undefined);
  const { asm, slot: ramOffset } = frame;
  const level = parameter(0);
  const page = asm.local("i32");
  const flags = asm.local("i32");
  const flag = asm.local("i32");

  walkedByte(asm, layout, ramOffset);
  walkedByte(asm, layout, ramOffset);
  asm.memory("i32.load8_u");
  walkedBit(asm, ramOffset);
  asm.op("i32.or");
  asm.memory("i32.store8");

  asm.i32(PAGE_FLAG.leafTable);
  asm.get(level);
  asm.op("i32.shl");
  asm.set(flag);
  asm.get(ramOffset);
  asm.i32(PAGE_SHIFT);
  asm.op("i32.shr_u");
  asm.tee(page);
  asm.memory("i32.load8_u", layout.pageFlags);
  asm.tee(flags);
  asm.get(flag);
  asm.op("i32.and");
  asm.op("i32.eqz");
  asm.if(() => {
    asm.get(page);
    asm.get(flags);
    asm.get(flag);
    asm.op("i32.or");
    asm.memory("i32.store8", layout.pageFlags);
    asm.get(flags);
    asm.i32(PAGE_FLAG.tables);
    asm.op("i32.and");
    asm.op("i32.eqz");
    asm.if(() => {
      asm.get(page);
      asm.call(forgetWritesTo);
    });
  });
  return asm;
}

/**
 * (slot, page, ramOffset, isChanged: i32): a store changed the entry at `ramOffset` of a walked page. It voids only
 * what derives from the entry. The entry's index says where in the TLBs that can be, for any address space.
 */
export function pageTableStoredFunction(engine: EngineFunctions): Assembler {
  const { frame, parameter } = functionFrame(["i32", "i32", "i32"], undefined);
  const { asm, slot } = frame;
  const { layout } = engine;
  const o = new SlotOps(frame, engine);
  const [page, ramOffset, isChanged] = [parameter(0), parameter(1), parameter(2)];
  const flags = asm.local("i32");
  const index = asm.local("i32");
  const has = (flag: number): void => {
    asm.get(flags);
    asm.i32(flag);
    asm.op("i32.and");
  };
  /** Leaves the offset in a TLB of the entry with this number. */
  const offsetOf = (mask: number, bytes: number): void => {
    asm.get(index);
    asm.i32(mask);
    asm.op("i32.and");
    asm.i32(bytes);
    asm.op("i32.mul");
  };

  asm.get(page);
  asm.memory("i32.load8_u", layout.pageFlags);
  asm.set(flags);
  walkedByte(asm, layout, ramOffset);
  asm.memory("i32.load8_u");
  walkedBit(asm, ramOffset);
  asm.op("i32.and");
  asm.op("i32.eqz");
  asm.if(() => {
    whenNothingWalked(asm, layout, page, () => {
      asm.get(page);
      has(~PAGE_FLAG.tables);
      asm.memory("i32.store8", layout.pageFlags);
    });
    asm.op("return");
  });
  asm.get(isChanged);
  asm.op("i32.eqz");
  asm.if(() => {
    asm.op("return");
  });
  walkedByte(asm, layout, ramOffset);
  walkedByte(asm, layout, ramOffset);
  asm.memory("i32.load8_u");
  walkedBit(asm, ramOffset);
  asm.op("i32.xor");
  asm.memory("i32.store8");

  asm.get(ramOffset);
  asm.i32(ENTRY_SHIFT);
  asm.op("i32.shr_u");
  asm.set(index);
  has(PAGE_FLAG.rootTable);
  asm.if(
    () => {
      asm.get(slot);
      asm.call(engine.flushTranslations);
    },
    () => {
      has(PAGE_FLAG.middleTable);
      asm.if(() => {
        for (const tlb of TLBS) {
          offsetOf(TABLES_IN_TLB - 1, TABLE_BYTES);
          asm.i32(tlb);
          asm.op("i32.add");
          asm.i32(0);
          asm.i32(TABLE_BYTES);
          asm.fill();
        }
      });
      has(PAGE_FLAG.leafTable);
      asm.if(() => {
        offsetOf(ENTRIES_A_TABLE - 1, TLB_ENTRY_BYTES);
        asm.set(index);
        for (const tlb of TLBS) {
          for (let table = 0; table < TABLES_IN_TLB; table += 1) {
            asm.get(index);
            asm.i64(0n);
            asm.memory("i64.store", tlb + table * TABLE_BYTES);
          }
        }
      });
    },
  );
  // The next instruction may now lie elsewhere.
  o.cut();
  return asm;
}

/** Runs `body` if no entry of the page is marked any more. It is called late, because most pages are walked again. */
const whenNothingWalked = (asm: Assembler, layout: Layout, page: Local, body: () => void): void => {
  for (let offset = 0; offset < WALKED_BYTES_A_PAGE; offset += 8) {
    asm.get(page);
    asm.i32(WALKED_BYTES_A_PAGE);
    asm.op("i32.mul");
    asm.memory("i64.load", layout.walkedEntries + offset);
    if (offset > 0) asm.op("i64.or");
  }
  asm.op("i64.eqz");
  asm.if(body);
};

/** (page: i32): from now on stores to this page of RAM must be noticed. */
export function forgetWritesToFunction(layout: Layout): Assembler {
  const { frame } = functionFrame([], undefined);
  const { asm, slot: page } = frame;
  const entry = asm.local("i32");
  const wanted = asm.local("i32");
  asm.get(page);
  asm.i32(PAGE_SHIFT);
  asm.op("i32.shl");
  asm.i32(layout.ram);
  asm.op("i32.add");
  asm.set(wanted);
  asm.loop((next) => {
    // The page that an entry leads to is its virtual address plus its addend.
    asm.get(entry);
    asm.memory("i32.load", WRITE_TLB);
    asm.i32(-1 << PAGE_SHIFT);
    asm.op("i32.and");
    asm.get(entry);
    asm.memory("i32.load", WRITE_TLB + 8);
    asm.op("i32.add");
    asm.get(wanted);
    asm.op("i32.eq");
    asm.if(() => {
      asm.get(entry);
      asm.i64(0n);
      asm.memory("i64.store", WRITE_TLB);
    });
    asm.get(entry);
    asm.i32(TLB_ENTRY_BYTES);
    asm.op("i32.add");
    asm.tee(entry);
    asm.i32(TLB_ENTRIES * TLB_ENTRY_BYTES);
    asm.op("i32.lt_u");
    asm.brIf(next);
  });
  return asm;
}
