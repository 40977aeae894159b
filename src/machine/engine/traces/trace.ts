/** The path that control took from a place, as long as it can be compiled and nothing compiled begins on it. */
import type { CodePlaces, CodeSpot } from "../compiled/code-places.js";
import { BRANCHES, compilable, distanceOf, type PlacedInstruction } from "../compiled/compilable.js";
import type { ExecutedCode } from "../compiled/executed-code.js";
import { HANDLER, MAX_TRACE_INSNS, PAGE_OFFSET } from "../layout.js";

export interface Trace {
  readonly head: CodeSpot;
  readonly instructions: readonly PlacedInstruction[];
  /** Its last instruction leads to its first one again. */
  readonly isLoop: boolean;
  /** The code pages by their distance from the first, in pages. */
  readonly pages: ReadonlyMap<number, number>;
}

/** 512 MiB: the span of a kernel's image, and of a program with its libraries. */
const MAX_DISTANCE_BYTES = 1 << 29;

interface Parts {
  readonly places: CodePlaces;
  readonly executed: ExecutedCode;
}

/** Undefined: the path is not worth it. `pcs` are where the hart was, from the head on, instruction by instruction. */
export function traceOf(head: CodeSpot, pcs: readonly bigint[], { places, executed }: Parts): Trace | undefined {
  const instructions: PlacedInstruction[] = [];
  const pages = new Map<number, number>();
  const base = (pcs[0] ?? 0n) & ~PAGE_OFFSET;
  let isLoop = false;
  let leadsToCode = false;
  for (const pc of pcs) {
    const spot = places.spotOfPc(pc);
    const offset = Number(BigInt.asIntN(64, pc - base));
    if (spot === undefined || Math.abs(offset) > MAX_DISTANCE_BYTES) break;
    const isHead = spot.codePage === head.codePage && spot.offset === head.offset;
    const before = instructions.at(-1);
    if (before === undefined ? !isHead : !mayFollow(before, offset)) break;
    isLoop = before !== undefined && isHead;
    if (isLoop || instructions.length >= MAX_TRACE_INSNS) break;
    leadsToCode = before !== undefined && places.handlerAt(spot) === HANDLER.region;
    if (leadsToCode) break;
    if (!isOwnPage(pages, distanceOf(offset), spot.codePage)) break;
    const decoded = compilable(executed.page(spot.codePage), spot.offset);
    if (decoded === undefined) break;
    pages.set(distanceOf(offset), spot.codePage);
    instructions.push({ offset, decoded });
  }
  // One instruction is worth it where the interpreter would be called for nothing else.
  return instructions.length < (leadsToCode ? 1 : 2) ? undefined : { head, instructions, isLoop, pages };
}

/** A page that is seen at two addresses would be two. */
function isOwnPage(pages: ReadonlyMap<number, number>, distance: number, codePage: number): boolean {
  const known = pages.get(distance);
  return known === undefined ? ![...pages.values()].includes(codePage) : known === codePage;
}

/** Otherwise a trap was taken in between. */
function mayFollow({ offset, decoded }: PlacedInstruction, next: number): boolean {
  const { name } = decoded.instruction;
  if (name === "jalr") return true;
  if (name === "jal") return next === offset + decoded.imm;
  return next === offset + decoded.bytes || (BRANCHES.has(name) && next === offset + decoded.imm);
}
