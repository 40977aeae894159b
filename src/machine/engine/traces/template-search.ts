/** Where a template is found by its key: a table of hashes in the engine's memory. */
import { Assembler, type Label } from "../../wasm/assembler.js";
import { Words } from "../expressions/words.js";
import type { Layout } from "../layout.js";
import { compilerMemory, TABLE_ENTRIES, TABLE_ENTRY_BYTES } from "./compiler-memory.js";

/** (key) -> the template's address, or 0. */
export function findTemplateFunction(layout: Layout): Assembler {
  const asm = new Assembler(["i32"]);
  const w = new Words(asm);
  const { table } = compilerMemory(layout);
  const key = w.parameter(0);
  const entry = w.variable();
  const found = w.variable();
  entry.set(w.and(w.shrU(w.mul(key, w.i32(HASH_FACTOR)), w.i32(HASH_SHIFT)), w.i32(ENTRY_MASK)));
  const search = (end: Label): void => {
    w.repeat(() => {
      found.set(w.load("i32.load", entry, table));
      w.branchIf(w.or(w.not(found), w.eq(found, key)), end);
      entry.set(w.and(w.add(entry, w.i32(TABLE_ENTRY_BYTES)), w.i32(ENTRY_MASK)));
      return w.i32(1);
    });
  };
  w.block(search);
  w.load("i32.load", entry, table + 4)();
  return asm;
}

const HASH_FACTOR = 0x9e37_79b1 | 0;
const ENTRY_MASK = (TABLE_ENTRIES - 1) * TABLE_ENTRY_BYTES;
const HASH_SHIFT = Math.clz32(TABLE_ENTRIES * TABLE_ENTRY_BYTES - 1);

/** The place in the table where looking for this key begins, in bytes. */
export const firstEntryOf = (key: number): number => (Math.imul(key, HASH_FACTOR) >>> HASH_SHIFT) & ENTRY_MASK;
export const nextEntry = (entry: number): number => (entry + TABLE_ENTRY_BYTES) & ENTRY_MASK;
