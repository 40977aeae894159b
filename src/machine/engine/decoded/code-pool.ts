/**
 * The pool of code pages. A page of memory gets one when it is first executed, and loses it when the pool needs it for
 * another page, or when the page turns out to be data.
 */
import type { Assembler } from "../../wasm/assembler.js";
import { countUp } from "../counters.js";
import { functionFrame } from "../function-frame.js";
import {
  CODE_PAGE_BYTES,
  FETCH_TLB,
  HANDLER,
  PAGE_FLAG,
  SLOT,
  SLOTS_A_PAGE,
  SLOT_BYTES,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
  type Layout,
} from "../layout.js";
import type { LocalVariable } from "../expressions/local-variable.js";
import type { Word, Words } from "../expressions/words.js";

/**
 * After so many stores a page is no code page any more, and its stores take the fast path. When it is executed again,
 * it is decoded anew. That costs as much as some hundred slow stores, so each time it takes twice as many, up to the
 * second number.
 */
export const STORES_TO_DATA = 8;
export const MOST_STORES_TO_DATA = 128;

/** (slot, page: i32): an instruction stored to this page, which has a code page. */
export function codeStoredFunction(layout: Layout, detachCode: number): Assembler {
  const { frame, inputs } = functionFrame(["i32"], undefined);
  const [page] = inputs;
  const { asm, w, slot } = frame;
  const code = w.variable();
  const stores = w.variable();

  code.set(w.load("i32.load", w.index(page), layout.pageCode));
  // The interpreter's loop holds the address of the code page that executes, so that one stays.
  w.when(w.ltU(w.sub(slot, code), w.i32(CODE_PAGE_BYTES)), () => {
    w.return();
  });
  stores.set(w.add(w.load("i32.load8_u", page, layout.codeStores), w.i32(1)));
  // Twice the most is like the most.
  const kept = w.select(w.ltU(stores, w.i32(2 * MOST_STORES_TO_DATA)), stores, w.i32(MOST_STORES_TO_DATA));
  w.store("i32.store8", page, layout.codeStores, kept);
  w.when(w.ltU(stores, w.i32(STORES_TO_DATA)), () => {
    w.return();
  });
  const isPowerOfTwo = w.not(w.and(stores, w.sub(stores, w.i32(1))));
  w.when(isPowerOfTwo, () => {
    countUp(w, "codeToData");
    w.call(detachCode, code);
  });
  return asm;
}

/** (code: i32): the page with this code page has none any more. */
export function detachCodeFunction(layout: Layout): Assembler {
  const { frame } = functionFrame([], undefined);
  const { asm, w, slot: code } = frame;
  const codePage = w.variable();
  const page = w.variable();

  codePage.set(codePageOf(w, layout, code));
  page.set(w.sub(w.load("i32.load", w.index(codePage), layout.codeOwners), w.i32(1)));
  w.store("i32.store", w.index(codePage), layout.codeOwners, w.i32(0));
  w.setControl("codePagesTaken", w.sub(w.control("codePagesTaken"), w.i32(1)));
  w.store("i32.store", w.index(page), layout.pageCode, w.i32(0));
  const flags = w.load("i32.load8_u", page, layout.pageFlags);
  w.store("i32.store8", page, layout.pageFlags, w.and(flags, w.i32(~PAGE_FLAG.code)));
  // Some entry may still lead to the code page.
  w.fill(w.i32(FETCH_TLB), 0, TLB_ENTRIES * TLB_ENTRY_BYTES);
  return asm;
}

/** The number of the code page at this address. */
const codePageOf = (w: Words, { codePool }: Layout, code: Word): Word =>
  w.divU(w.sub(code, w.i32(codePool)), w.i32(CODE_PAGE_BYTES));

export interface CodePoolFunctions {
  readonly dropRegions: number;
  readonly detachCode: number;
}

/**
 * Gives this page a code page, and sets `code` to its address: the one that it had before, so that compiled code finds
 * its place again, or the next free one, or else the next one.
 */
export function attachCode(
  w: Words,
  layout: Layout,
  { dropRegions, detachCode }: CodePoolFunctions,
  page: Word,
  code: LocalVariable,
): void {
  const codePage = w.variable();
  const owner = w.load("i32.load", w.index(codePage), layout.codeOwners);
  code.set(w.load("i32.load", w.index(page), layout.formerCode));
  w.when(code, () => {
    codePage.set(codePageOf(w, layout, code));
    w.when(owner, () => {
      code.set(w.i32(0));
    });
  });
  w.when(w.not(code), () => {
    takeNext(w, layout, codePage, owner);
    code.set(w.add(w.mul(codePage, w.i32(CODE_PAGE_BYTES)), w.i32(layout.codePool)));
  });
  // One that was never used is all zeros, which is what it must be: the host has not even given it memory yet.
  const isNew = w.geU(codePage, w.control("codePagesUsed"));
  w.when(
    isNew,
    () => {
      w.setControl("codePagesUsed", w.add(codePage, w.i32(1)));
    },
    () => {
      w.call(dropRegions, code);
      w.when(owner, () => {
        w.call(detachCode, code);
      });
      w.fill(code, HANDLER.undecoded, CODE_PAGE_BYTES);
    },
  );
  for (const offset of [0, SLOT_BYTES]) {
    const end = SLOTS_A_PAGE * SLOT_BYTES + offset;
    w.store("i32.store16", code, end + SLOT.handler, w.i32(HANDLER.pageEnd));
  }
  w.setControl("codePagesTaken", w.add(w.control("codePagesTaken"), w.i32(1)));
  w.store("i32.store", w.index(codePage), layout.codeOwners, w.add(page, w.i32(1)));
  w.store("i32.store", w.index(page), layout.pageCode, code);
  w.store("i32.store", w.index(page), layout.formerCode, code);
  const flags = w.load("i32.load8_u", page, layout.pageFlags);
  w.store("i32.store8", page, layout.pageFlags, w.or(flags, w.i32(PAGE_FLAG.code)));
}

/** Sets `codePage` to the next one, or to the next free one where there is one, and the cursor behind it. */
function takeNext(w: Words, { codePages }: Layout, codePage: LocalVariable, owner: Word): void {
  const next = w.variable();
  next.set(w.control("codeCursor"));
  w.repeat(() => {
    codePage.set(next);
    next.set(w.add(codePage, w.i32(1)));
    next.set(w.select(w.ltU(next, w.i32(codePages)), next, w.i32(0)));
    return w.select(w.ltU(w.control("codePagesTaken"), w.i32(codePages)), owner, w.i32(0));
  });
  w.setControl("codeCursor", next);
}
