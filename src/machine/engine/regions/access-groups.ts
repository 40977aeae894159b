/**
 * Groups of loads, or of stores, of one block that lie a few bytes apart. One look-up in the TLB finds the page for
 * all.
 *
 * Code saves and restores stack frames, reads structures and copies memory in this way.
 */
import type { DecodedInstruction } from "../../isa/decode.js";
import type { Width } from "../../hart/ops.js";
import type { BlockInstruction } from "./control-flow-graph.js";

export interface AccessGroup {
  readonly kind: "load" | "store";
  /** The register that all of them add their displacement to. It does not change within the group. */
  readonly base: number;
  /** The lowest displacement. */
  readonly lowest: number;
  /** The bytes from there to the end of the last access. */
  readonly bytes: number;
  /** The offset of the first access, which does the look-up. */
  readonly first: number;
}

/** In a wider group, two pages are more likely than the saving is worth. */
const MAX_BYTES = 512;

/** Major opcodes (unprivileged spec, table of the base opcode map). */
const OPCODE = { load: 0x03, loadFloat: 0x07, store: 0x23, storeFloat: 0x27, branch: 0x63 } as const;
const ACCESSES: ReadonlyMap<number, AccessGroup["kind"]> = new Map([
  [OPCODE.load, "load"],
  [OPCODE.loadFloat, "load"],
  [OPCODE.store, "store"],
  [OPCODE.storeFloat, "store"],
]);
/** Every other instruction is taken to have an rd, even if these are bits of an immediate. */
const WITHOUT_X_RESULT: ReadonlySet<number> = new Set([
  OPCODE.loadFloat,
  OPCODE.store,
  OPCODE.storeFloat,
  OPCODE.branch,
]);

interface Growing {
  readonly kind: AccessGroup["kind"];
  readonly base: number;
  readonly offsets: number[];
  lowest: number;
  end: number;
}

/**
 * The groups of a block, by the offsets of their instructions. `isSplit`: whether the accesses of the group with this
 * first offset are looked up one by one.
 */
export function accessGroups(
  instructions: readonly BlockInstruction[],
  isSplit: (offset: number) => boolean,
): ReadonlyMap<number, AccessGroup> {
  const found: Growing[] = [];
  const growing = { load: new Map<number, Growing>(), store: new Map<number, Growing>() } as const;
  for (const { offset, decoded } of instructions) {
    const access = accessOf(decoded);
    if (access !== undefined) {
      const { kind, base, lowest, end } = access;
      const group = growing[kind].get(base);
      if (group !== undefined && Math.max(group.end, end) - Math.min(group.lowest, lowest) <= MAX_BYTES) {
        group.offsets.push(offset);
        group.lowest = Math.min(group.lowest, lowest);
        group.end = Math.max(group.end, end);
      } else {
        const begun = { kind, base, lowest, end, offsets: [offset] };
        growing[kind].set(base, begun);
        found.push(begun);
      }
    }
    if (WITHOUT_X_RESULT.has(opcodeOf(decoded))) continue;
    growing.load.delete(decoded.rd);
    growing.store.delete(decoded.rd);
  }
  const groups = new Map<number, AccessGroup>();
  for (const { kind, base, lowest, end, offsets } of found) {
    const [first] = offsets;
    if (first === undefined || offsets.length < 2 || isSplit(first)) continue;
    const group = { kind, base, lowest, bytes: end - lowest, first };
    for (const offset of offsets) groups.set(offset, group);
  }
  return groups;
}

function accessOf(decoded: DecodedInstruction): Omit<Growing, "offsets"> | undefined {
  const kind = ACCESSES.get(opcodeOf(decoded));
  if (kind === undefined) return undefined;
  return { kind, base: decoded.rs1, lowest: decoded.imm, end: decoded.imm + widthOf(decoded) };
}

const opcodeOf = ({ instruction }: DecodedInstruction): number => instruction.match & 0x7f;
const widthOf = ({ instruction }: DecodedInstruction): Width => (1 << ((instruction.match >>> 12) & 3)) as Width;
