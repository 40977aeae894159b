/**
 * Which entry of the write TLB leads to a page, so that nobody has to search them all when stores to the page must be
 * noticed again. One u16 per page: the number of the only entry that may lead there, from 1 on, or 0 if none does.
 */
import type { Assembler } from "../../wasm/assembler.js";
import type { Code } from "../expressions/compiled-values.js";
import { functionFrame } from "../function-frame.js";
import { PAGE_SHIFT, TLB_ENTRIES, TLB_ENTRY_BYTES, WRITE_TLB, type Layout } from "../layout.js";
import { entryOf } from "../tlb.js";
import type { Word, Words } from "../expressions/words.js";

/** More than one entry may lead there. */
const SEVERAL = 0xffff;
const ENTRY_SHIFT = 31 - Math.clz32(TLB_ENTRY_BYTES);

/** What is known of a page of memory, by its number. */
class WriteEntries {
  readonly number: Word;
  readonly isSeveral: Word;

  constructor(
    private readonly w: Words,
    private readonly layout: Layout,
    private readonly page: Word,
  ) {
    this.number = w.load("i32.load16_u", this.address, layout.writeEntries);
    this.isSeveral = w.eq(this.number, w.i32(SEVERAL));
  }

  set(number: Word): void {
    this.w.store("i32.store16", this.address, this.layout.writeEntries, number);
  }

  /** The place in the TLB of the only entry. */
  get only(): Word {
    return this.w.shl(this.w.sub(this.number, this.w.i32(1)), this.w.i32(ENTRY_SHIFT));
  }

  /** Whether this entry leads to the page. */
  isLedToBy(entry: Word): Word {
    const { w, layout, page } = this;
    // The page that an entry leads to is its virtual address plus its addend.
    const virtual = w.and(w.load("i32.load", entry, WRITE_TLB), w.i32(-1 << PAGE_SHIFT));
    const host = w.add(virtual, w.load("i32.load", entry, WRITE_TLB + 8));
    return w.eq(host, w.add(w.shl(page, w.i32(PAGE_SHIFT)), w.i32(layout.ram)));
  }

  private get address(): Word {
    return this.w.shl(this.page, this.w.i32(1));
  }
}

/** The entry of this virtual address is about to lead to the page of `host`. */
export function noteWriteEntry(w: Words, layout: Layout, virtual: Code, host: Word): void {
  const page = w.variable();
  const known = new WriteEntries(w, layout, page);
  page.set(w.shrU(w.sub(host, w.i32(layout.ram)), w.i32(PAGE_SHIFT)));
  const number = w.add(w.shrU(entryOf(w.asm, virtual), w.i32(ENTRY_SHIFT)), w.i32(1));
  const isNoOther = w.or(w.not(known.number), w.eq(known.number, number));
  const isShared = w.choose(isNoOther, w.i32(0), known.isLedToBy(known.only));
  known.set(w.choose(w.choose(known.isSeveral, w.i32(1), isShared), w.i32(SEVERAL), number));
}

/** (page: i32): from now on stores to this page of memory must be noticed. */
export function forgetWritesToFunction(layout: Layout): Assembler {
  const { frame } = functionFrame([], undefined);
  const { asm, w, slot: page } = frame;
  const entry = w.variable();
  const known = new WriteEntries(w, layout, page);
  const forget = (): void => {
    w.when(known.isLedToBy(entry), () => {
      w.store("i64.store", entry, WRITE_TLB, w.i64(0n));
    });
  };
  w.when(
    known.isSeveral,
    () => {
      w.repeat(() => {
        forget();
        return w.ltU(entry.tee(w.add(entry, w.i32(TLB_ENTRY_BYTES))), w.i32(TLB_ENTRIES * TLB_ENTRY_BYTES));
      });
    },
    () => {
      w.when(known.number, () => {
        entry.set(known.only);
        forget();
      });
    },
  );
  known.set(w.i32(0));
  return asm;
}
