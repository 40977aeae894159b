/** A region's blocks, from executed code of some pages: their starts, their instructions, their successors. */
import type { DecodedInstruction } from "../../isa/decode.js";
import {
  BRANCHES,
  compilable,
  distanceOf,
  offsetInPage,
  type CompilableInstruction,
  type PlacedInstruction,
} from "../compiled/compilable.js";
import type { ExecutedPage } from "../compiled/executed-code.js";

/** How a block ends. Targets are offsets like those of instructions. */
export type BlockEnd =
  | { readonly kind: "branch"; readonly taken: number; readonly next: number }
  | { readonly kind: "jump"; readonly target: number }
  | { readonly kind: "indirect" }
  /**
   * The interpreter continues: the next instruction is not compiled, was never executed, or is over the region's limit.
   */
  | { readonly kind: "leave"; readonly offset: number };

export interface Block {
  readonly offset: number;
  readonly instructions: readonly PlacedInstruction[];
  readonly end: BlockEnd;
}

/** The code page at this distance, in pages, from the first; undefined: the region must not include it. */
export type CodePages = (distance: number) => ExecutedPage | undefined;

/** Far below the limit of 32 bits. */
const MAX_OFFSET = 1 << 30;

/** The limit of a region, and so of a block. */
export const MAX_INSTRUCTIONS = 1000;

/** The blocks reachable from the entries over executed code. Each entry starts a block. */
export function findBlocks(pages: CodePages, entries: readonly number[]): ReadonlyMap<number, Block> {
  const found = scan(pages, entries);
  const blocks = new Map<number, Block>();
  const leaders = [...found.leaders].filter((offset) => found.instructions.has(offset)).sort((a, b) => a - b);
  for (const leader of leaders) blocks.set(leader, blockAt(leader, found));
  return blocks;
}

interface Scan {
  readonly instructions: ReadonlyMap<number, CompilableInstruction>;
  readonly leaders: ReadonlySet<number>;
}

function scan(pages: CodePages, entries: readonly number[]): Scan {
  const instructions = new Map<number, CompilableInstruction>();
  const leaders = new Set(entries);
  const pending = [...entries];
  const lead = (offset: number): void => {
    if (leaders.has(offset)) return;
    leaders.add(offset);
    pending.push(offset);
  };
  for (let start = pending.shift(); start !== undefined; start = pending.shift()) {
    let offset = start;
    let before: PlacedInstruction | undefined;
    while (instructions.size < MAX_INSTRUCTIONS && !instructions.has(offset)) {
      const decoded = compilable(pages(distanceOf(offset)), offsetInPage(offset));
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
        // A call mostly returns, to code that has been executed.
        if (decoded.rd !== 0) lead(next);
        break;
      }
      if (name === "jalr") {
        const target = farTarget(before, decoded);
        if (target !== undefined) lead(target);
        if (decoded.rd !== 0) lead(next);
        break;
      }
      // A block stays in one page. The edge to the next page checks that the page is still at its place.
      if (distanceOf(next) !== distanceOf(offset)) {
        lead(next);
        break;
      }
      before = { offset, decoded };
      offset = next;
    }
  }
  return { instructions, leaders };
}

/** The common target of auipc and jalr, as in calls too far for jal; undefined: the register decides. */
function farTarget(before: PlacedInstruction | undefined, jalr: DecodedInstruction): number | undefined {
  if (before?.decoded.instruction.name !== "auipc" || before.decoded.rd !== jalr.rs1 || jalr.rs1 === 0)
    return undefined;
  const base = before.offset + before.decoded.imm;
  return Math.abs(base) < MAX_OFFSET ? (base + jalr.imm) & ~1 : undefined;
}

function blockAt(leader: number, { instructions, leaders }: Scan): Block {
  const block: PlacedInstruction[] = [];
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
    if (name === "jalr") {
      const target = farTarget(block.at(-2), decoded);
      const end: BlockEnd = target === undefined ? { kind: "indirect" } : { kind: "jump", target };
      return { offset: leader, instructions: block, end };
    }
    offset = next;
  }
}

/** The blocks of the region that may follow a block. */
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
