/** Stores to watched pages: pages that are not dirty yet, have decoded code, are page tables, or are probed. */
import type { Assembler } from "../../wasm/assembler.js";
import { CompiledValues } from "../expressions/compiled-values.js";
import { functionFrame } from "../function-frame.js";
import { PAGE_BYTES, PAGE_FLAG, PAGE_SHIFT, SLOT_BYTES, type Layout } from "../layout.js";
import { localVariable } from "../expressions/local-variable.js";
import { STORES, WIDTHS } from "../wasm-ops.js";
import type { Word } from "../expressions/words.js";

const ENTRY_BYTES = 8;

export interface WatchingFunctions {
  readonly invalidateCode: number;
  readonly codeStored: number;
  readonly pageTableStored: number;
}

/**
 * (width: i32, host: i32, value: i64) -> i32: stores to RAM, and does all that a first store to a page needs. Returns
 * whether later stores to the page need none of it.
 */
export function writeWatchedFunction(
  layout: Layout,
  { invalidateCode, codeStored, pageTableStored }: WatchingFunctions,
): Assembler {
  const { frame, inputs } = functionFrame(["i32", "i32", "i64"], "i32");
  const [width, host, value] = inputs;
  const { asm, w, slot } = frame;
  const v = new CompiledValues(asm);
  const page = w.variable();
  const entry = w.variable();
  const old = localVariable(asm, asm.local("i64"));
  const flags = w.load("i32.load8_u", page, layout.pageFlags);
  const has = (flag: number): Word => w.and(flags, w.i32(flag));

  page.set(w.shrU(w.sub(host, w.i32(layout.ram)), w.i32(PAGE_SHIFT)));
  // The page-table entry that contains the first byte.
  old.set(w.load("i64.load", entry.tee(w.and(host, w.i32(-ENTRY_BYTES)))));
  for (const bytes of WIDTHS) {
    w.when(w.eq(width, w.i32(bytes)), () => {
      w.store(STORES[bytes], host, 0, value);
    });
  }
  const written = w.or(flags, w.i32(PAGE_FLAG.digestStale | PAGE_FLAG.uncaptured));
  w.store("i32.store8", page, layout.pageFlags, written);
  w.when(has(PAGE_FLAG.code), () => {
    w.call(invalidateCode, slot, page, host, width);
    w.call(codeStored, slot, page);
  });
  w.when(has(PAGE_FLAG.tables), () => {
    const stored = (offset: number, isChanged: Word): void => {
      w.call(pageTableStored, slot, page, w.sub(entry, w.i32(layout.ram - offset)), isChanged);
    };
    stored(0, v.ne(w.load("i64.load", entry), old));
    // A store that straddles two entries counts as a change of the second.
    w.when(w.gtU(w.add(w.sub(host, entry), width), w.i32(ENTRY_BYTES)), () => {
      stored(ENTRY_BYTES, w.i32(1));
    });
  });
  w.not(has(PAGE_FLAG.code | PAGE_FLAG.tables | PAGE_FLAG.probed))();
  return asm;
}

/**
 * (page: i32, host: i32, width: i32): marks the decoded instructions that contain a changed byte for decoding again.
 */
export function invalidateCodeFunction(layout: Layout, dropRegions: number): Assembler {
  const { frame, inputs } = functionFrame(["i32", "i32", "i32"], undefined);
  const [page, host, width] = inputs;
  const { asm, w } = frame;
  const code = w.variable();
  const index = w.variable();
  const end = w.variable();

  w.when(w.not(code.tee(w.load("i32.load", w.index(page), layout.pageCode))), () => {
    w.return();
  });
  w.when(w.and(w.load("i32.load8_u", page, layout.pageFlags), w.i32(PAGE_FLAG.regions)), () => {
    w.call(dropRegions, code);
  });
  // From the halfword before, because its instruction may have 4 bytes, to the last one written.
  const offset = w.and(host, w.i32(PAGE_BYTES - 1));
  index.set(w.sub(w.shrU(offset, w.i32(1)), w.i32(1)));
  end.set(w.shrU(w.sub(w.add(offset, width), w.i32(1)), w.i32(1)));
  w.repeat(() => {
    w.when(w.geS(index, w.i32(0)), () => {
      w.store("i32.store16", w.add(code, w.mul(index, w.i32(SLOT_BYTES))), 0, w.i32(0));
    });
    return w.leU(index.tee(w.add(index, w.i32(1))), end);
  });
  return asm;
}
