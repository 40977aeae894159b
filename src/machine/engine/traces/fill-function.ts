/** Writes a template with the numbers of its place, and the rows of its ways out. */
import { Assembler } from "../../wasm/assembler.js";
import type { LocalVariable } from "../expressions/local-variable.js";
import { Words, type Word } from "../expressions/words.js";
import { PAGE_BYTES, PAGE_SHIFT, SITE, SITE_BYTES, SLOT_SHIFT, type Layout } from "../layout.js";
import { GROUP } from "../compiled/ways-out.js";
import {
  compilerMemory,
  GROUP_ROW,
  HOLE,
  HOLE_BYTES,
  PAGE_ROW,
  PAGE_ROW_BYTES,
  SITE_ROW,
  SITE_ROW_BYTES,
  TEMPLATE,
  TEMPLATE_BYTES,
  type CompilerMemory,
} from "./compiler-memory.js";
import { Found } from "./found.js";
import { SITE_KINDS, SOURCES, type Source } from "./template.js";

/** (template, group of accesses or 0): appends it to the function's body. */
export function fillFunction(layout: Layout, codeWordOf: number): Assembler {
  const asm = new Assembler(["i32", "i32"]);
  const fill = new Fill(asm, layout);
  fill.numberSites(codeWordOf);
  fill.writeCode();
  return asm;
}

class Fill {
  private readonly w: Words;
  private readonly found: Found;
  private readonly memory: CompilerMemory;
  private readonly template: Word;
  private readonly group: Word;
  /** The present hole or site, and where they end. */
  private readonly row: LocalVariable;
  private readonly rowsEnd: LocalVariable;
  private readonly code: LocalVariable;
  private readonly out: LocalVariable;
  private readonly value: LocalVariable;
  private readonly other: LocalVariable;

  constructor(
    asm: Assembler,
    private readonly layout: Layout,
  ) {
    const w = (this.w = new Words(asm));
    this.found = new Found(w, layout);
    this.memory = compilerMemory(layout);
    this.template = w.parameter(0);
    this.group = w.parameter(1);
    [this.row, this.rowsEnd, this.code] = [w.variable(), w.variable(), w.variable()];
    [this.out, this.value, this.other] = [w.variable(), w.variable(), w.variable()];
  }

  /** Each way out gets a row in the table of sites, and its number becomes a value for the holes. */
  numberSites(codeWordOf: number): void {
    const { w, row, rowsEnd, code, value } = this;
    row.set(this.sitesStart);
    rowsEnd.set(w.add(row, w.mul(this.ofTemplate("sites"), w.i32(SITE_ROW_BYTES))));
    code.set(row);
    w.block((end) => {
      w.repeat(() => {
        w.branchIf(w.eq(row, rowsEnd), end);
        value.set(this.found.get("nextSite"));
        this.found.set("nextSite", w.add(value, w.i32(1)));
        const index = w.shrU(w.sub(row, code), w.i32(2));
        w.store("i32.store", index, this.addressOf("site0"), value);
        this.writeSite(codeWordOf);
        row.set(w.add(row, w.i32(SITE_ROW_BYTES)));
        return w.i32(1);
      });
    });
  }

  writeCode(): void {
    const { w, found, row, rowsEnd, code, out } = this;
    code.set(w.add(this.sitesStart, w.mul(this.ofTemplate("sites"), w.i32(SITE_ROW_BYTES))));
    rowsEnd.set(this.sitesStart);
    row.set(w.add(this.template, w.i32(TEMPLATE_BYTES)));
    out.set(found.get("end"));
    w.block((end) => {
      w.repeat(() => {
        w.branchIf(w.eq(row, rowsEnd), end);
        this.copy(w.load("i32.load16_u", row, HOLE.code));
        this.writeNumber();
        row.set(w.add(row, w.i32(HOLE_BYTES)));
        return w.i32(1);
      });
    });
    this.copy(this.ofTemplate("tail"));
    found.set("end", out);
  }

  private get sitesStart(): Word {
    const { w } = this;
    return w.add(w.add(this.template, w.i32(TEMPLATE_BYTES)), w.mul(this.ofTemplate("holes"), w.i32(HOLE_BYTES)));
  }

  /** `value` is its number. */
  private writeSite(codeWordOf: number): void {
    const { w, row, value, other, group, layout } = this;
    value.set(w.mul(value, w.i32(SITE_BYTES)));
    const set = (field: keyof typeof SITE, word: Word): void => {
      w.store("i32.store", value, layout.traceSites + SITE[field], word);
    };
    const isKind = (kind: (typeof SITE_KINDS)[number]): Word =>
      w.eq(w.load("i32.load8_u", row, SITE_ROW.kind), w.i32(SITE_KINDS.indexOf(kind)));
    set("offset", other.tee(this.sum("offsetSource", "offset")));
    set("insns", this.sum("insnsSource", "insns"));
    set("codeWord", w.i32(0));
    set("group", w.i32(0));
    w.when(isKind("exit"), () => {
      set("codeWord", w.result(codeWordOf, other));
    });
    w.when(isKind("split"), () => {
      const lowest = w.load("i32.load", group, GROUP_ROW.lowest);
      const bytes = w.sub(w.load("i32.load", group, GROUP_ROW.end), lowest);
      set("codeWord", lowest);
      set("group", w.or(w.load("i32.load", group, GROUP_ROW.base), w.shl(bytes, w.i32(GROUP.baseBits))));
    });
  }

  /** Eight bytes at a time: what is too much is overwritten by what follows. */
  private copy(bytes: Word): void {
    const { w, code, out, other } = this;
    other.set(w.add(out, bytes));
    w.repeat(() => {
      w.store("i64.store", out, 0, w.load("i64.load", code));
      code.set(w.add(code, w.i32(8)));
      return w.ltU(out.tee(w.add(out, w.i32(8))), other);
    });
    code.set(w.sub(code, w.sub(out, other)));
    out.set(other);
  }

  /** The number of the present hole, as LEB128. */
  private writeNumber(): void {
    const { w, row, out, value, other } = this;
    const isSigned = w.load("i32.load8_u", row, HOLE.isSigned);
    const seven = w.i32(7);
    value.set(w.add(this.valueOf(w.load("i32.load8_u", row, HOLE.source)), w.load("i32.load", row, HOLE.addend)));
    w.repeat(() => {
      other.set(w.and(value, w.i32(0x7f)));
      value.set(w.select(isSigned, w.shrS(value, seven), w.shrU(value, seven)));
      // The bits behind the last byte are its sign.
      const rest = w.select(isSigned, w.shrS(w.shl(other, w.i32(25)), w.i32(31)), w.i32(0));
      const isMore = w.ne(value, rest);
      w.store("i32.store8", out, 0, w.or(other, w.shl(isMore, seven)));
      out.set(w.add(out, w.i32(1)));
      return isMore;
    });
  }

  private sum(source: keyof typeof SITE_ROW, addend: keyof typeof SITE_ROW): Word {
    const { w, row } = this;
    return w.add(this.valueOf(w.load("i32.load8_u", row, SITE_ROW[source])), w.load("i32.load", row, SITE_ROW[addend]));
  }

  private valueOf(source: Word): Word {
    return this.w.load("i32.load", this.w.index(source), this.memory.values);
  }

  private addressOf(source: Source): number {
    return this.memory.values + SOURCES.indexOf(source) * 4;
  }

  private ofTemplate(name: "holes" | "sites" | "tail"): Word {
    return this.w.load("i32.load16_u", this.template, TEMPLATE[name]);
  }
}

/** (offset) -> the address of the word that says which code begins there; 0: its page may be elsewhere now. */
export function codeWordFunction(layout: Layout): Assembler {
  const asm = new Assembler(["i32"]);
  const w = new Words(asm);
  const found = new Found(w, layout);
  const { pages } = compilerMemory(layout);
  const offset = w.parameter(0);
  const row = w.variable();
  const end = w.variable();
  row.set(w.i32(pages));
  end.set(w.add(w.i32(pages), w.mul(found.get("pages"), w.i32(PAGE_ROW_BYTES))));
  w.repeat(() => {
    const isThere = w.eq(w.load("i32.load", row, PAGE_ROW.distance), w.shrS(offset, w.i32(PAGE_SHIFT)));
    w.when(w.and(isThere, w.load("i32.load", row, PAGE_ROW.isSeen)), () => {
      const slots = w.sub(w.load("i32.load", row, PAGE_ROW.code), w.i32(layout.codePool));
      const inPage = w.shl(w.and(offset, w.i32(PAGE_BYTES - 2)), w.i32(SLOT_SHIFT));
      // A slot has 8 bytes, its word has 4.
      w.return(w.add(w.shrU(w.add(slots, inPage), w.i32(1)), w.i32(layout.slotRegions)));
    });
    return w.ltU(row.tee(w.add(row, w.i32(PAGE_ROW_BYTES))), end);
  });
  w.i32(0)();
  return asm;
}
