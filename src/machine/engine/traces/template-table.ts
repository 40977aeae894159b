/** The templates in the engine's memory, where the trace compiler finds them. */
import { FLOATING_POINT } from "../../isa/floating-point.js";
import { INSTRUCTIONS, type NumberedInstruction } from "../../isa/instruction-set.js";
import { RV64A } from "../../isa/rv64a.js";
import { accessKind, accessWidth, hasXResult } from "../compiled/access-groups.js";
import { BRANCHES, isCompiled } from "../compiled/compilable.js";
import type { Layout } from "../layout.js";
import { handlerOf, hasWideImmediate } from "../slot-form.js";
import {
  ACCESS_KIND,
  compilerMemory,
  FACTS,
  FACTS_BYTES,
  FLAG,
  HOLE,
  HOLE_BYTES,
  INTEGERS_KNOWN,
  KIND,
  MAX_TEMPLATE_BYTES,
  MAX_TEMPLATES,
  SITE_ROW,
  SITE_ROW_BYTES,
  TABLE_ENTRIES,
  TABLE_ENTRY_BYTES,
  TEMPLATE,
  TEMPLATE_BYTES,
  USE,
  type CompilerMemory,
} from "./compiler-memory.js";
import { instructionTemplate, integerOperands, PIECE_NAMES, pieceTemplate } from "./pieces.js";
import { firstEntryOf, nextEntry } from "./template-search.js";
import { IMMEDIATE, KEY, keyOf, partOf, withZeros, ZERO } from "./template-key.js";
import { OPERANDS, SITE_KINDS, SOURCES, type Template, type Use } from "./template.js";

const ALL_OPERANDS = ZERO.rd | ZERO.rs1 | ZERO.rs2;

/** An engine's memory, or a copy of the part that the trace compiler has. */
export interface TemplateMemory {
  readonly layout: Layout;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export class TemplateTable {
  private readonly places: CompilerMemory;

  constructor(private readonly memory: TemplateMemory) {
    this.places = compilerMemory(memory.layout);
    if (INSTRUCTIONS.length > KEY.number.mask)
      throw new Error("a template's key has no room for an instruction's number");
    if (this.end !== 0) return;
    for (const instruction of INSTRUCTIONS) this.writeFacts(instruction, ALL_OPERANDS);
    this.clear();
  }

  get size(): number {
    return this.memory.view.getUint32(this.places.found.templates, true);
  }

  /** Where the templates end. */
  get end(): number {
    return this.memory.view.getUint32(this.places.found.templatesEnd, true);
  }

  /** Captures a template that the compiler missed, or what its key should have been. */
  add(missing: number): void {
    const zeros = partOf(missing, "zeros") === 0 ? 0 : this.integersOf(partOf(missing, "number"));
    const key = withZeros(missing, zeros);
    if (this.has(key)) return;
    const template = instructionTemplate(key, this.memory.layout);
    if (this.size === MAX_TEMPLATES || this.end + MAX_TEMPLATE_BYTES > this.places.templatesEnd) this.clear();
    this.memory.view.setUint32(this.places.found.templates, this.size + 1, true);
    this.enter(key, this.write(template));
  }

  /** The operands of an instruction that are x registers: those of which being x0 makes a difference. */
  integersOf(number: number): number {
    const { view, layout } = this.memory;
    const instruction = INSTRUCTIONS[number];
    if (instruction === undefined) throw new RangeError(`no instruction ${String(number)}`);
    const known = view.getUint8(this.factsOf(instruction, 4) + FACTS.integers);
    if ((known & INTEGERS_KNOWN) !== 0) return known & ALL_OPERANDS;
    const plain = { detail: IMMEDIATE.any, access: 0, checked: 0, isDirect: 0, isFollowed: 0, zeros: 0, number };
    const found = integerOperands(instructionTemplate(keyOf(plain), layout));
    this.writeFacts(instruction, found | INTEGERS_KNOWN);
    return found;
  }

  private has(key: number): boolean {
    return this.memory.view.getInt32(this.places.table + this.entryOf(key), true) === key;
  }

  /** Only the pieces beside the instructions stay. */
  private clear(): void {
    const { bytes, view, layout } = this.memory;
    const { table, pieces, templates } = this.places;
    bytes.fill(0, table, table + TABLE_ENTRIES * TABLE_ENTRY_BYTES);
    view.setUint32(this.places.found.templates, 0, true);
    this.setEnd(templates);
    const all = [...PIECE_NAMES.map((name) => pieceTemplate(name, undefined)), pieceTemplate("findData", layout)];
    all.forEach((template, index) => {
      view.setUint32(pieces + index * 4, this.write(template), true);
    });
  }

  private enter(key: number, address: number): void {
    const at = this.places.table + this.entryOf(key);
    this.memory.view.setInt32(at, key, true);
    this.memory.view.setUint32(at + 4, address, true);
  }

  /** Where it is, or would be. */
  private entryOf(key: number): number {
    const { view } = this.memory;
    let entry = firstEntryOf(key);
    for (;;) {
      const present = view.getInt32(this.places.table + entry, true);
      if (present === 0 || present === key) return entry;
      entry = nextEntry(entry);
    }
  }

  /** What the compiler must know of an instruction's handlers. */
  private writeFacts(instruction: NumberedInstruction, integers: number): void {
    const { view } = this.memory;
    for (const bytes of [2, 4] as const) {
      const row = this.factsOf(instruction, bytes);
      view.setUint8(row + FACTS.kind, kindOf(instruction));
      view.setUint8(row + FACTS.access, ACCESS_KIND[accessKind(instruction) ?? "none"]);
      view.setUint8(row + FACTS.width, accessWidth(instruction));
      view.setUint8(row + FACTS.flags, flagsOf(instruction));
      view.setUint8(row + FACTS.integers, integers);
      view.setUint8(row + FACTS.bytes, bytes);
      view.setUint16(row + FACTS.number, instruction.number, true);
    }
  }

  private factsOf(instruction: NumberedInstruction, bytes: 2 | 4): number {
    return this.places.facts + handlerOf(instruction, bytes) * FACTS_BYTES;
  }

  private setEnd(end: number): void {
    this.memory.view.setUint32(this.places.found.templatesEnd, end, true);
  }

  /** Returns its address. */
  private write({ code, holes, sites, uses, temporaries, checked }: Template): number {
    const { view, bytes } = this.memory;
    const address = this.end;
    const sitesStart = address + TEMPLATE_BYTES + holes.length * HOLE_BYTES;
    const codeStart = sitesStart + sites.length * SITE_ROW_BYTES;
    const size = codeStart + code.length - address;
    if (size > MAX_TEMPLATE_BYTES) throw new Error(`a template has ${String(size)} bytes`);
    let from = 0;
    holes.forEach(({ at, source, isSigned, addend }, index) => {
      const row = address + TEMPLATE_BYTES + index * HOLE_BYTES;
      view.setUint16(row + HOLE.code, at - from, true);
      view.setUint8(row + HOLE.source, SOURCES.indexOf(source));
      view.setUint8(row + HOLE.isSigned, Number(isSigned));
      view.setInt32(row + HOLE.addend, addend, true);
      from = at;
    });
    sites.forEach(({ kind, offset, insns }, index) => {
      const row = sitesStart + index * SITE_ROW_BYTES;
      view.setUint8(row + SITE_ROW.kind, SITE_KINDS.indexOf(kind));
      view.setUint8(row + SITE_ROW.offsetSource, SOURCES.indexOf(offset.source));
      view.setUint8(row + SITE_ROW.insnsSource, SOURCES.indexOf(insns.source));
      view.setInt32(row + SITE_ROW.offset, offset.addend, true);
      view.setInt32(row + SITE_ROW.insns, insns.addend, true);
    });
    bytes.set(code, codeStart);
    view.setUint16(address + TEMPLATE.holes, holes.length, true);
    view.setUint16(address + TEMPLATE.sites, sites.length, true);
    view.setUint16(address + TEMPLATE.tail, code.length - from, true);
    view.setUint8(address + TEMPLATE.checked, checked);
    for (const type of ["i64", "i32", "f32", "f64"] as const)
      view.setUint8(address + TEMPLATE[type], temporaries[type]);
    for (const operand of OPERANDS) view.setUint8(address + TEMPLATE[operand], useBits(uses[operand]));
    this.setEnd(address + Math.ceil(size / 8) * 8);
    return address;
  }
}

const useBits = (use: Use | undefined): number =>
  use === undefined ? 0 : USE.isUsed | (use.isRead ? USE.isRead : 0) | (use.file === "f" ? USE.isFloat : 0);

export function kindOf(instruction: NumberedInstruction): number {
  if (!isCompiled(instruction)) return KIND.notCompiled;
  const { name } = instruction;
  if (BRANCHES.has(name)) return KIND.branch;
  return name === "jal" ? KIND.jal : name === "jalr" ? KIND.jalr : KIND.straight;
}

/** Major opcodes whose immediate is an operand of arithmetic. */
const OP_IMM: ReadonlySet<number> = new Set([0x13, 0x1b]);

export function flagsOf(instruction: NumberedInstruction): number {
  const { name, format, match } = instruction;
  const isFloat = name in FLOATING_POINT;
  return Object.entries({
    hasWideImmediate: hasWideImmediate(format),
    hasXResult: hasXResult(instruction),
    writesFloat: format.writesFloat === true,
    isSized: OP_IMM.has(match & 0x7f),
    isFloat,
    isDirect: accessKind(instruction) !== undefined || name in RV64A,
  }).reduce((bits, [flag, isSet]) => (isSet ? bits | FLAG[flag as keyof typeof FLAG] : bits), 0);
}
