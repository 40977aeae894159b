/** The code of a probed interpreter that finds out whether something must be told. */
import { PAGE_FLAG, PAGE_SHIFT, type ControlField, type Layout } from "./layout.js";
import type { Word, Words } from "./expressions/words.js";

/** Runs `body` if the page of an address in this memory, which is RAM or ROM, is probed, or `all` is not 0. */
export function ifProbed(w: Words, layout: Layout, host: Word, body: () => void, all?: ControlField): void {
  const page = w.shrU(w.sub(host, w.i32(layout.ram)), w.i32(PAGE_SHIFT));
  const isProbed = w.and(w.load("i32.load8_u", page, layout.pageFlags), w.i32(PAGE_FLAG.probed));
  w.when(all === undefined ? isProbed : w.or(isProbed, w.control(all)), body);
}
