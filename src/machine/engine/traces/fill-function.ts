/** Writes a template with the numbers of its place, and the rows of its ways out. */
import { Assembler } from "../../wasm/assembler.js";
import type { LocalVariable } from "../expressions/local-variable.js";
import { Words, type Word } from "../expressions/words.js";
import { SITE, SITE_BYTES, type Layout } from "../layout.js";
import { GROUP } from "../compiled/ways-out.js";
import {
  compilerMemory,
  HOLE,
  HOLE_BYTES,
  SITE_ROW,
  SITE_ROW_BYTES,
  TEMPLATE,
  TEMPLATE_BYTES,
} from "./compiler-memory.js";
import { Found, PresentGroup } from "./found.js";
import { SourceValues } from "./source-values.js";
import { SITE_KINDS } from "./template.js";

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
  private readonly values: SourceValues;
  private readonly template: Word;
  private readonly group: PresentGroup;
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
    this.values = new SourceValues(w, compilerMemory(layout));
    this.template = w.parameter(0);
    this.group = new PresentGroup(w, w.parameter(1));
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
        this.values.setAfter("site0", w.divU(w.sub(row, code), w.i32(SITE_ROW_BYTES)), value);
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
      set("codeWord", group.get("lowest"));
      set("group", w.or(group.get("base"), w.shl(group.bytes, w.i32(GROUP.baseBits))));
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
    value.set(w.add(this.values.at(w.load("i32.load8_u", row, HOLE.source)), w.load("i32.load", row, HOLE.addend)));
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
    return w.add(
      this.values.at(w.load("i32.load8_u", row, SITE_ROW[source])),
      w.load("i32.load", row, SITE_ROW[addend]),
    );
  }

  private ofTemplate(name: "holes" | "sites" | "tail"): Word {
    return this.w.load("i32.load16_u", this.template, TEMPLATE[name]);
  }
}
