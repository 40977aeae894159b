/** A region's blocks, from the executed code of one page: where they begin, what they hold, where they lead. */
import { decode, type DecodedInstruction } from "../../isa/decode.js";
import { FLOATING_POINT } from "../../isa/floating-point.js";
import { RV64A } from "../../isa/rv64a.js";
import { RV64I } from "../../isa/rv64i.js";
import { RV64M } from "../../isa/rv64m.js";
import { PAGE_BYTES } from "../layout.js";

export interface BlockInstruction {
  /** From the start of the page. */
  readonly offset: number;
  readonly decoded: DecodedInstruction;
}

/** How a block ends. Targets are offsets in the page; one outside 0 to 4095 is another page's. */
export type BlockEnd =
  | { readonly kind: "branch"; readonly taken: number; readonly next: number }
  | { readonly kind: "jump"; readonly target: number }
  | { readonly kind: "indirect" }
  /** The next instruction is the interpreter's: not compiled, never executed so far, or over the region's limit. */
  | { readonly kind: "leave"; readonly offset: number };

export interface Block {
  readonly offset: number;
  readonly instructions: readonly BlockInstruction[];
  readonly end: BlockEnd;
}

export interface CodePage {
  /** Whether the interpreter has executed the instruction at this offset. */
  readonly wasExecuted: (offset: number) => boolean;
  /** The 32 bits at an offset that is not the page's last halfword. */
  readonly rawAt: (offset: number) => number;
}

/** Of a region, and so of a block. */
export const MAX_INSTRUCTIONS = 400;

const COMPILED: ReadonlySet<string> = new Set(
  [RV64I, RV64M, RV64A, FLOATING_POINT].flatMap((table) => Object.keys(table)),
);
/** They always trap: no part of a region. */
const NEVER_COMPILED: ReadonlySet<string> = new Set(["ecall", "ebreak"]);
const BRANCHES: ReadonlySet<string> = new Set(["beq", "bne", "blt", "bge", "bltu", "bgeu"]);

/** The blocks that can be reached from the entries over code that ran, each entry being the start of one. */
export function findBlocks(page: CodePage, entries: readonly number[]): ReadonlyMap<number, Block> {
  const found = scan(page, entries);
  const blocks = new Map<number, Block>();
  const leaders = [...found.leaders].filter((offset) => found.instructions.has(offset)).sort((a, b) => a - b);
  for (const leader of leaders) blocks.set(leader, blockAt(leader, found));
  return blocks;
}

interface Scan {
  readonly instructions: ReadonlyMap<number, DecodedInstruction>;
  readonly leaders: ReadonlySet<number>;
}

function scan(page: CodePage, entries: readonly number[]): Scan {
  const instructions = new Map<number, DecodedInstruction>();
  const leaders = new Set(entries);
  const pending = [...entries];
  const lead = (offset: number): void => {
    if (!isInPage(offset) || leaders.has(offset)) return;
    leaders.add(offset);
    pending.push(offset);
  };
  for (let start = pending.shift(); start !== undefined; start = pending.shift()) {
    let offset = start;
    while (instructions.size < MAX_INSTRUCTIONS && !instructions.has(offset)) {
      const decoded = compilable(page, offset);
      if (decoded === undefined) break;
      instructions.set(offset, decoded);
      const { name } = decoded.instruction;
      const next = offset + decoded.bytes;
      if (BRANCHES.has(name)) {
        lead(offset + decoded.imm);
        lead(next);
        break;
      }
      if (name === "jal") {
        lead(offset + decoded.imm);
        // A call comes back, most of the time, to where execution has been.
        if (decoded.rd !== 0) lead(next);
        break;
      }
      if (name === "jalr") {
        if (decoded.rd !== 0) lead(next);
        break;
      }
      offset = next;
    }
  }
  return { instructions, leaders };
}

function compilable(page: CodePage, offset: number): DecodedInstruction | undefined {
  // The last halfword may hold the first half of an instruction that straddles pages.
  if (!isInPage(offset) || offset > PAGE_BYTES - 4 || !page.wasExecuted(offset)) return undefined;
  const decoded = decode(page.rawAt(offset));
  if (decoded === undefined || NEVER_COMPILED.has(decoded.instruction.name)) return undefined;
  return COMPILED.has(decoded.instruction.name) ? decoded : undefined;
}

function blockAt(leader: number, { instructions, leaders }: Scan): Block {
  const block: BlockInstruction[] = [];
  let offset = leader;
  for (;;) {
    const decoded = instructions.get(offset);
    if (decoded === undefined) return { offset: leader, instructions: block, end: { kind: "leave", offset } };
    if (offset !== leader && leaders.has(offset)) {
      return { offset: leader, instructions: block, end: { kind: "jump", target: offset } };
    }
    block.push({ offset, decoded });
    const next = offset + decoded.bytes;
    const { name } = decoded.instruction;
    if (BRANCHES.has(name)) {
      return { offset: leader, instructions: block, end: { kind: "branch", taken: offset + decoded.imm, next } };
    }
    if (name === "jal")
      return { offset: leader, instructions: block, end: { kind: "jump", target: offset + decoded.imm } };
    if (name === "jalr") return { offset: leader, instructions: block, end: { kind: "indirect" } };
    offset = next;
  }
}

const isInPage = (offset: number): boolean => offset >= 0 && offset < PAGE_BYTES;

/** The blocks of the region that a block may go on to. */
export function successorsOf({ end }: Block): readonly number[] {
  switch (end.kind) {
    case "branch":
      return [end.taken, end.next];
    case "jump":
      return [end.target];
    case "indirect":
    case "leave":
      return [];
    default:
      end satisfies never;
      return [];
  }
}
