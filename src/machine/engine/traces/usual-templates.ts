/**
 * The templates that most code needs, for interpreters that are made ahead: capturing them takes as long as emitting
 * some thousand instructions.
 */
import { FLOATING_POINT } from "../../isa/floating-point.js";
import { INSTRUCTIONS, type NumberedInstruction } from "../../isa/instruction-set.js";
import { accessKind, accessWidth } from "../compiled/access-groups.js";
import { isCompiled } from "../compiled/compilable.js";
import { TRACE_COMPILER_BYTES, type Layout } from "../layout.js";
import { compilerMemory, FLAG, KIND } from "./compiler-memory.js";
import { flagsOf, kindOf, TemplateTable } from "./template-table.js";
import { ACCESS, IMMEDIATE, IS_KEY, KEY, ZERO, type KeyPart } from "./template-key.js";

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

function usualKeys(instruction: NumberedInstruction, integers: number): readonly number[] {
  const kind = kindOf(instruction);
  const flags = flagsOf(instruction);
  return keysOf({
    number: [instruction.number],
    zeros: [0, ...usualZeros(instruction).filter((operands) => (operands & ~integers) === 0)],
    detail: (flags & FLAG.isSized) === 0 ? [IMMEDIATE.any] : SIZES,
    access: usualAccesses(instruction),
    checked: [0],
    isDirect: (flags & FLAG.isDirect) === 0 ? [0] : [0, 1],
    isFollowed: kind === KIND.branch || kind === KIND.jalr ? [0, 1] : [0],
  });
}

/** All keys with one value for each part. */
const keysOf = (values: Readonly<Record<KeyPart, readonly number[]>>): readonly number[] =>
  (Object.keys(KEY) as KeyPart[]).reduce<number[]>(
    (keys, part) => keys.flatMap((key) => values[part].map((value) => key | (value << KEY[part].shift))),
    [IS_KEY],
  );

const SIZES = [IMMEDIATE.negative, IMMEDIATE.zero, IMMEDIATE.below32, IMMEDIATE.other];

function usualAccesses(instruction: NumberedInstruction): readonly number[] {
  const { alone, first, firstOfOneByte, later } = ACCESS;
  if (accessKind(instruction) === undefined) return [alone];
  return accessWidth(instruction) === 1 ? [alone, first, firstOfOneByte, later] : [alone, first, later];
}

/** Where programs have x0: in jumps without a link, comparisons with 0, atomics whose result nobody needs. */
function usualZeros(instruction: NumberedInstruction): readonly number[] {
  const { name } = instruction;
  const { rd, rs1, rs2 } = ZERO;
  switch (kindOf(instruction)) {
    case KIND.jal:
    case KIND.jalr:
      return [rd];
    case KIND.branch:
      return [rs1, rs2];
    default:
      if (name.startsWith("amo")) return [rd];
      if (name.startsWith("sc.") || accessKind(instruction) === "store") return [rs2];
      return PSEUDO.get(name) ?? [];
  }
}

/** And in these pseudo-instructions: li and nop, mv, neg, negw, snez. */
const PSEUDO: ReadonlyMap<string, readonly number[]> = new Map([
  ["addi", [ZERO.rs1, ZERO.rs1 | ZERO.rd]],
  ["add", [ZERO.rs1]],
  ["sub", [ZERO.rs1]],
  ["subw", [ZERO.rs1]],
  ["sltu", [ZERO.rs1]],
]);
