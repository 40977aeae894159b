/**
 * Groups of loads, or of stores, of straight code that lie a few bytes apart. One look-up in the TLB finds the page for
 * all.
 *
 * Code saves and restores stack frames, reads structures and copies memory in this way.
 */
import type { DecodedInstruction } from "../../isa/decode.js";
import type { Width } from "../../hart/ops.js";
import type { PlacedInstruction } from "./compilable.js";

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
export const MAX_GROUP_BYTES = 512;

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
  readonly members: PlacedInstruction[];
  lowest: number;
  end: number;
}

/**
 * The groups of straight code, by their instructions: a trace may come to an offset twice. `isSplit`: whether the
 * accesses of the group with this first offset are looked up one by one.
 */
export function accessGroups(
  instructions: readonly PlacedInstruction[],
  isSplit: (offset: number) => boolean,
): ReadonlyMap<PlacedInstruction, AccessGroup> {
  const found: Growing[] = [];
  const growing = { load: new Map<number, Growing>(), store: new Map<number, Growing>() } as const;
  for (const instruction of instructions) {
    const { decoded } = instruction;
    const access = accessOf(decoded);
    if (access !== undefined) {
      const { kind, base, lowest, end } = access;
      const group = growing[kind].get(base);
      if (group !== undefined && Math.max(group.end, end) - Math.min(group.lowest, lowest) <= MAX_GROUP_BYTES) {
        group.members.push(instruction);
        group.lowest = Math.min(group.lowest, lowest);
        group.end = Math.max(group.end, end);
      } else {
        const begun = { kind, base, lowest, end, members: [instruction] };
        growing[kind].set(base, begun);
        found.push(begun);
      }
    }
    if (!hasXResult(decoded.instruction)) continue;
    growing.load.delete(decoded.rd);
    growing.store.delete(decoded.rd);
  }
  const groups = new Map<PlacedInstruction, AccessGroup>();
  for (const { kind, base, lowest, end, members } of found) {
    const first = members[0]?.offset;
    if (first === undefined || members.length < 2 || isSplit(first)) continue;
    const group = { kind, base, lowest, bytes: end - lowest, first };
    for (const member of members) groups.set(member, group);
  }
  return groups;
}

function accessOf({ instruction, rs1, imm }: DecodedInstruction): Omit<Growing, "members"> | undefined {
  const kind = accessKind(instruction);
  if (kind === undefined) return undefined;
  return { kind, base: rs1, lowest: imm, end: imm + accessWidth(instruction) };
}

type Row = DecodedInstruction["instruction"];

const opcodeOf = ({ match }: Row): number => match & 0x7f;

/** Undefined: it is in no group. */
export const accessKind = (instruction: Row): AccessGroup["kind"] | undefined => ACCESSES.get(opcodeOf(instruction));
export const accessWidth = ({ match }: Row): Width => (1 << ((match >>> 12) & 3)) as Width;
export const hasXResult = (instruction: Row): boolean => !WITHOUT_X_RESULT.has(opcodeOf(instruction));
