/** Where the slot of an instruction lies, and where its entry in a table beside the slots. */
import type { Word, Words } from "../expressions/words.js";
import { PAGE_BYTES, SLOT_BYTES, SLOT_SHIFT, type Layout } from "../layout.js";

/** `code`: the slots of the page that this address is on. Of the address, only its offset in the page counts. */
export const slotOf = (w: Words, code: Word, address: Word): Word =>
  w.add(code, w.shl(w.and(address, w.i32(PAGE_BYTES - 2)), w.i32(SLOT_SHIFT)));

/** The address of a slot's entry in a table with `bytes` per slot. */
export const besideSlot = (
  w: Words,
  { codePool }: Layout,
  slot: Word,
  { table, bytes }: { readonly table: number; readonly bytes: 1 | 2 | 4 },
): Word => w.add(w.shrU(w.sub(slot, w.i32(codePool)), w.i32(31 - Math.clz32(SLOT_BYTES / bytes))), w.i32(table));
