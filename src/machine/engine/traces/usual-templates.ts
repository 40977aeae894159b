/**
 * The templates that most code needs, for interpreters that are made ahead: capturing them takes as long as emitting
 * some thousand instructions.
 */
import { FLOATING_POINT } from "../../isa/floating-point.js";
import { INSTRUCTIONS, type NumberedInstruction } from "../../isa/instruction-set.js";
import { accessKind } from "../compiled/access-groups.js";
import { isCompiled } from "../compiled/compilable.js";
import { TRACE_COMPILER_BYTES, type Layout } from "../layout.js";
import { compilerMemory, FLAG, KIND } from "./compiler-memory.js";
import { flagsOf, kindOf, TemplateTable } from "./template-table.js";
import { ACCESS, IMMEDIATE, keyOf, ZERO } from "./template-key.js";

export interface InitialData {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** What an engine's memory has of the trace compiler when these are captured. */
export function usualTemplates(layout: Layout): InitialData {
  const bytes = new Uint8Array(layout.traceCompiler + TRACE_COMPILER_BYTES);
  const table = new TemplateTable({ layout, bytes, view: new DataView(bytes.buffer) });
  for (const instruction of INSTRUCTIONS) {
    if (!isCompiled(instruction) || instruction.name in FLOATING_POINT) continue;
    for (const key of usualKeys(instruction, table.integersOf(instruction.number))) table.add(key);
  }
  const address = Math.min(...Object.values(compilerMemory(layout).found));
  return { address, bytes: bytes.slice(address, table.end) };
}

function* usualKeys(instruction: NumberedInstruction, integers: number): Iterable<number> {
  const { number, name } = instruction;
  const kind = kindOf(instruction);
  const flags = flagsOf(instruction);
  const isJump = kind === KIND.jal || kind === KIND.jalr;
  const usualZeros = isJump ? ZERO.rd : (ZEROS.get(name) ?? (kind === KIND.branch ? ZERO.rs1 | ZERO.rs2 : 0));
  const zeros = [0, ...Object.values(ZERO).filter((operand) => (integers & usualZeros & operand) !== 0)];
  const sizes = (flags & FLAG.isSized) === 0 ? [IMMEDIATE.any] : SIZES;
  const accesses = accessKind(instruction) === undefined ? [ACCESS.alone] : ACCESSES;
  const directs = (flags & FLAG.isDirect) === 0 ? [0] : [0, 1];
  const ways = kind === KIND.branch || kind === KIND.jalr ? [0, 1] : [0];
  for (const zero of zeros) {
    for (const detail of sizes) {
      for (const access of accesses) {
        for (const isDirect of directs) {
          for (const isFollowed of ways) {
            yield keyOf({ number, zeros: zero, detail, access, checked: 0, isDirect, isFollowed });
          }
        }
      }
    }
  }
}

/** The operands that pseudo-instructions have x0 for, where it is not a jump or a branch: li, mv, neg, snez, stores. */
const ZEROS: ReadonlyMap<string, number> = new Map([
  ...(["addi", "add", "sub", "subw", "sltu"] as const).map((name) => [name, ZERO.rs1] as const),
  ...(["sb", "sh", "sw", "sd"] as const).map((name) => [name, ZERO.rs2] as const),
]);
const SIZES = [IMMEDIATE.negative, IMMEDIATE.zero, IMMEDIATE.below32, IMMEDIATE.other];
const ACCESSES = [ACCESS.alone, ACCESS.first, ACCESS.later];
