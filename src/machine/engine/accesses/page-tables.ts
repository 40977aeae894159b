/**
 * What a store to a page table voids. Translations are coherent with the tables in memory, with or without a fence. So
 * each entry that a walk used is marked by a bit, and each walked page by flags for its levels.
 */
import type { Assembler } from "../../wasm/assembler.js";
import { CompiledValues } from "../expressions/compiled-values.js";
import { functionFrame } from "../function-frame.js";
import {
  PAGE_FLAG,
  PAGE_SHIFT,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
  TLBS,
  WALKED_BYTES_A_PAGE,
  type Layout,
} from "../layout.js";
import { SlotOps, type EngineFunctions } from "../slot-ops.js";
import type { Word, Words } from "../expressions/words.js";

const ENTRY_SHIFT = 3;
const ENTRIES_A_TABLE = 512;
/** Neighbouring pages of one table are adjacent in a TLB, and the TLB repeats after this many tables. */
const TABLES_IN_TLB = TLB_ENTRIES / ENTRIES_A_TABLE;
const TABLE_BYTES = ENTRIES_A_TABLE * TLB_ENTRY_BYTES;

/** Whether a walk used the entry at `ramOffset`: a bit. */
class WalkedMark {
  private readonly address: Word;
  private readonly byte: Word;
  private readonly bit: Word;
  /** Not 0: it is set. */
  readonly isSet: Word;

  constructor(
    private readonly w: Words,
    layout: Layout,
    ramOffset: Word,
  ) {
    this.address = w.add(w.shrU(ramOffset, w.i32(ENTRY_SHIFT + 3)), w.i32(layout.walkedEntries));
    this.byte = w.load("i32.load8_u", this.address);
    this.bit = w.shl(w.i32(1), w.and(w.shrU(ramOffset, w.i32(ENTRY_SHIFT)), w.i32(7)));
    this.isSet = w.and(this.byte, this.bit);
  }

  set(): void {
    const { w } = this;
    w.store("i32.store8", this.address, 0, w.or(this.byte, this.bit));
  }

  /** If it is set. */
  clear(): void {
    const { w } = this;
    w.store("i32.store8", this.address, 0, w.xor(this.byte, this.bit));
  }
}

/**
 * (ramOffset, level: i32): a walk continues from the entry there, or ends with it. Later stores to it must be noticed.
 */
export function notePageTableFunction(layout: Layout, forgetWritesTo: number): Assembler {
  const { frame, inputs } = functionFrame(["i32"], undefined);
  const { asm, w, slot: ramOffset } = frame;
  const [level] = inputs;
  const page = w.variable();
  const flags = w.variable();
  const flag = w.variable();

  new WalkedMark(w, layout, ramOffset).set();
  flag.set(w.shl(w.i32(PAGE_FLAG.leafTable), level));
  const pageFlags = w.load("i32.load8_u", page.tee(w.shrU(ramOffset, w.i32(PAGE_SHIFT))), layout.pageFlags);
  w.when(w.not(w.and(flags.tee(pageFlags), flag)), () => {
    w.store("i32.store8", page, layout.pageFlags, w.or(flags, flag));
    w.when(w.not(w.and(flags, w.i32(PAGE_FLAG.tables))), () => {
      w.call(forgetWritesTo, page);
    });
  });
  return asm;
}

/**
 * (slot, page, ramOffset, isChanged: i32): a store changed the entry at `ramOffset` of a walked page. It voids only
 * what derives from the entry.
 */
export function pageTableStoredFunction(engine: EngineFunctions): Assembler {
  const { frame, inputs } = functionFrame(["i32", "i32", "i32"], undefined);
  const [page, ramOffset, isChanged] = inputs;
  const { w, slot } = frame;
  const { layout } = engine;
  const o = new SlotOps(frame, engine);
  const flags = w.variable();
  const mark = new WalkedMark(w, layout, ramOffset);

  flags.set(w.load("i32.load8_u", page, layout.pageFlags));
  w.when(w.not(mark.isSet), () => {
    // This is looked at late, because most pages are walked again.
    w.when(nothingWalked(w, layout, page), () => {
      w.store("i32.store8", page, layout.pageFlags, w.and(flags, w.i32(~PAGE_FLAG.tables)));
    });
    w.return();
  });
  w.when(w.not(isChanged), () => {
    w.return();
  });
  mark.clear();
  voidDerived(w, flags, ramOffset, () => {
    w.call(engine.flushTranslations, slot);
  });
  // The next instruction may now lie elsewhere.
  o.cut();
  return frame.asm;
}

/** Voids what derives from an entry. Its index says where in the TLBs that can be, for any address space. */
function voidDerived(w: Words, flags: Word, ramOffset: Word, voidAll: () => void): void {
  const index = w.variable();
  const has = (flag: number): Word => w.and(flags, w.i32(flag));
  /** The offset in a TLB of the entry with this number. */
  const offsetOf = (mask: number, bytes: number): Word => w.mul(w.and(index, w.i32(mask)), w.i32(bytes));

  index.set(w.shrU(ramOffset, w.i32(ENTRY_SHIFT)));
  w.when(has(PAGE_FLAG.rootTable), voidAll, () => {
    w.when(has(PAGE_FLAG.middleTable), () => {
      for (const tlb of TLBS) w.fill(w.add(offsetOf(TABLES_IN_TLB - 1, TABLE_BYTES), w.i32(tlb)), 0, TABLE_BYTES);
    });
    w.when(has(PAGE_FLAG.leafTable), () => {
      index.set(offsetOf(ENTRIES_A_TABLE - 1, TLB_ENTRY_BYTES));
      for (const tlb of TLBS) {
        for (let table = 0; table < TABLES_IN_TLB; table += 1) {
          w.store("i64.store", index, tlb + table * TABLE_BYTES, w.i64(0n));
        }
      }
    });
  });
}

/** Whether no entry of the page is marked. */
function nothingWalked(w: Words, layout: Layout, page: Word): Word {
  const v = new CompiledValues(w.asm);
  const marks = Array.from({ length: WALKED_BYTES_A_PAGE / 8 }, (_, part) =>
    w.load("i64.load", w.mul(page, w.i32(WALKED_BYTES_A_PAGE)), layout.walkedEntries + part * 8),
  );
  return v.isZero(marks.reduce((all, mark) => v.or(all, mark)));
}
