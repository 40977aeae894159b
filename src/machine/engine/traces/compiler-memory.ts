/** The trace compiler's own part of the engine's memory: the templates, and what it finds out of a path. */
import { HANDLER, MAX_TRACE_INSNS, TRACE_COMPILER_BYTES, type Layout } from "../layout.js";
import { INSTRUCTIONS } from "../../isa/instruction-set.js";
import { PIECE_NAMES } from "./pieces.js";
import { SOURCES } from "./template.js";

/** Templates at most. The build captures 321; a boot uses 149. When one more is needed, all are captured anew. */
export const MAX_TEMPLATES = 1024;
/** The bytes of one at most. What is made of it is no longer. */
export const MAX_TEMPLATE_BYTES = 4096;

/** What was found, in words of 32 bits. */
export const FOUND_FIELDS = [
  /** The path. */
  "insns",
  "isLoop",
  /** Compiled code begins behind it. */
  "leadsToCode",
  "pages",
  /** The key of the template that is missing. */
  "missing",
  /** How many templates there are, and where the next one goes. */
  "templates",
  "templatesEnd",
  /** The number of the next way out. */
  "nextSite",
  /** Locals for registers, for host addresses, and by type for what instructions compute. */
  "registers",
  "hosts",
  "i64",
  "i32",
  "f32",
  "f64",
  "hasFloat",
  /** Where the function's body ends. */
  "end",
] as const;
export type FoundField = (typeof FOUND_FIELDS)[number];

/** A page of the path: its distance from the first one in pages, its slots, and whether the trace has seen it. */
export const PAGE_ROW = { distance: 0, code: 4, isSeen: 8 } as const;
export const PAGE_ROW_BYTES = 16;

/** An instruction of the path. `facts`: its row among those of handlers. */
export const STEP_ROW = {
  slot: 0,
  offset: 4,
  facts: 8,
  imm: 12,
  group: 16,
  template: 20,
  isFollowed: 24,
  page: 28,
} as const;
export const STEP_ROW_BYTES = 32;

export const GROUP_ROW = { base: 0, lowest: 4, end: 8, members: 12, first: 16, host: 20 } as const;
export const GROUP_ROW_BYTES = 32;

/** What a handler does, in bytes; the number of its instruction has 16 bits. `integers`: see `INTEGERS_KNOWN`. */
export const FACTS = { kind: 0, access: 1, width: 2, flags: 3, integers: 4, bytes: 5, number: 6 } as const;
export const FACTS_BYTES = 8;
/** Beside the operands for which being x0 makes a difference: it is known that these are all. */
export const INTEGERS_KNOWN = 8;
export const KIND = { notCompiled: 0, straight: 1, branch: 2, jal: 3, jalr: 4 } as const;
export const ACCESS_KIND = { none: 0, load: 1, store: 2 } as const;
export const FLAG = {
  hasWideImmediate: 1,
  hasXResult: 2,
  writesFloat: 4,
  /** The template depends on the immediate's size. */
  isSized: 8,
  isFloat: 16,
  isDirect: 32,
} as const;

/** A template: see template.ts. Behind it come its holes, its sites and its code. */
export const TEMPLATE = {
  ...{ holes: 0, sites: 2, tail: 4, checked: 6 },
  ...{ i64: 8, i32: 9, f32: 10, f64: 11 },
  ...{ rs1: 12, rs2: 13, rs3: 14, rd: 15 },
} as const;
export const TEMPLATE_BYTES = 16;
/** What an operand is: bits. */
export const USE = { isUsed: 1, isRead: 2, isFloat: 4 } as const;
/** `code`: so many bytes of code come before it. */
export const HOLE = { code: 0, source: 2, isSigned: 3, addend: 4 } as const;
export const HOLE_BYTES = 8;
export const SITE_ROW = { kind: 0, offsetSource: 1, insnsSource: 2, offset: 4, insns: 8 } as const;
export const SITE_ROW_BYTES = 16;

/** {i32 key, i32 address}. */
export const TABLE_ENTRY_BYTES = 8;
/** Twice as many as there are templates: then looking for one is short. */
export const TABLE_ENTRIES = 2 * MAX_TEMPLATES;

export const REGISTERS = 64;
const HANDLERS = HANDLER.first + INSTRUCTIONS.length * 2;
const WORD = 4;
/** With what comes before the first instruction and behind the last one. */
const BODY_BYTES = (2 * MAX_TRACE_INSNS + PIECE_NAMES.length + REGISTERS) * MAX_TEMPLATE_BYTES;
const TEMPLATES_BYTES = 1 << 20;

export interface CompilerMemory {
  /** By source. */
  readonly values: number;
  readonly pages: number;
  readonly steps: number;
  /** {u32 slot, u32 encoding} of each instruction. */
  readonly words: number;
  readonly groups: number;
  /** The groups that may still grow: of loads, then of stores, by base register. 0: none. */
  readonly growing: number;
  /** The locals of registers, x before f, counted from 1; whether each is read before it is written. */
  readonly locals: number;
  readonly isRead: number;
  /** From here to the end of the templates is what can be there from the start: see usual-templates.ts. */
  readonly found: Readonly<Record<FoundField, number>>;
  readonly facts: number;
  /** The templates of the pieces, by number; the first is of findData, the last of findData with `directRam`. */
  readonly pieces: number;
  readonly table: number;
  readonly tableEnd: number;
  readonly templates: number;
  readonly templatesEnd: number;
  readonly body: number;
}

const addressesOf = <Name extends string>(names: readonly Name[], start: number): Readonly<Record<Name, number>> =>
  Object.fromEntries(names.map((name, index) => [name, start + index * WORD])) as Record<Name, number>;

export function compilerMemory({ traceCompiler }: Layout): CompilerMemory {
  let end = traceCompiler;
  const take = (bytes: number): number => {
    const start = end;
    end += Math.ceil(bytes / 16) * 16;
    return start;
  };
  const memory = {
    values: take(SOURCES.length * WORD),
    pages: take(MAX_TRACE_INSNS * PAGE_ROW_BYTES),
    steps: take(MAX_TRACE_INSNS * STEP_ROW_BYTES),
    words: take(MAX_TRACE_INSNS * 2 * WORD),
    groups: take(MAX_TRACE_INSNS * GROUP_ROW_BYTES),
    growing: take(REGISTERS * WORD),
    locals: take(REGISTERS * WORD),
    isRead: take(REGISTERS * WORD),
    found: addressesOf(FOUND_FIELDS, take(FOUND_FIELDS.length * WORD)),
    facts: take(HANDLERS * FACTS_BYTES),
    pieces: take((PIECE_NAMES.length + 1) * WORD),
    table: take(TABLE_ENTRIES * TABLE_ENTRY_BYTES),
    tableEnd: end,
    templates: take(TEMPLATES_BYTES),
    templatesEnd: end,
    body: take(BODY_BYTES),
  };
  if (end > traceCompiler + TRACE_COMPILER_BYTES) throw new Error("the trace compiler needs more memory");
  return memory;
}
