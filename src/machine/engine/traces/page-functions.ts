/** The pages of a path: found and added while it is followed, and looked at where control leaves the trace. */
import { Assembler } from "../../wasm/assembler.js";
import { besideSlot, slotOf } from "../decoded/slot-places.js";
import { Words } from "../expressions/words.js";
import { PAGE_SHIFT, type Layout } from "../layout.js";
import { compilerMemory, PAGE_ROW, PAGE_ROW_BYTES } from "./compiler-memory.js";
import { Found } from "./found.js";

/** A row that goes through the pages of the path, from the first one on. */
function pageRows(asm: Assembler, layout: Layout) {
  const w = new Words(asm);
  const found = new Found(w, layout);
  const first = w.i32(compilerMemory(layout).pages);
  const [row, end] = [w.variable(), w.variable()];
  row.set(first);
  end.set(w.add(first, w.mul(found.get("pages"), w.i32(PAGE_ROW_BYTES))));
  return { w, found, row, end };
}

/** (distance, slots) -> the row of this page of the path, or 0: a page that is seen at two addresses would be two. */
export function findTracePageFunction(layout: Layout): Assembler {
  const asm = new Assembler(["i32", "i32"]);
  const { w, found, row, end } = pageRows(asm, layout);
  const distance = w.parameter(0);
  const code = w.parameter(1);
  w.block((isNew) => {
    w.repeat(() => {
      w.branchIf(w.eq(row, end), isNew);
      const isThere = w.eq(w.load("i32.load", row, PAGE_ROW.distance), distance);
      w.when(w.ne(isThere, w.eq(w.load("i32.load", row, PAGE_ROW.code), code)), () => {
        w.return(w.i32(0));
      });
      w.when(isThere, () => {
        w.return(row);
      });
      row.set(w.add(row, w.i32(PAGE_ROW_BYTES)));
      return w.i32(1);
    });
  });
  w.store("i32.store", row, PAGE_ROW.distance, distance);
  w.store("i32.store", row, PAGE_ROW.code, code);
  w.store("i32.store", row, PAGE_ROW.isSeen, w.i32(0));
  found.set("pages", w.add(found.get("pages"), w.i32(1)));
  row();
  return asm;
}

/** (offset) -> the address of the word that says which code begins there; 0: its page may be elsewhere now. */
export function codeWordFunction(layout: Layout): Assembler {
  const asm = new Assembler(["i32"]);
  const { w, row, end } = pageRows(asm, layout);
  const offset = w.parameter(0);
  w.repeat(() => {
    const isThere = w.eq(w.load("i32.load", row, PAGE_ROW.distance), w.shrS(offset, w.i32(PAGE_SHIFT)));
    w.when(w.and(isThere, w.load("i32.load", row, PAGE_ROW.isSeen)), () => {
      const slot = slotOf(w, w.load("i32.load", row, PAGE_ROW.code), offset);
      w.return(besideSlot(w, layout, slot, { table: layout.slotRegions, bytes: 4 }));
    });
    return w.ltU(row.tee(w.add(row, w.i32(PAGE_ROW_BYTES))), end);
  });
  w.i32(0)();
  return asm;
}
