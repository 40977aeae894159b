/** All instructions of RV64GC with their numbers. Every engine is generated from this list. */
import { FLOATING_POINT } from "./floating-point.js";
import type { SystemInstruction, SystemInstructionTable } from "./instruction.js";
import { PRIVILEGED } from "./privileged.js";
import { RV64A } from "./rv64a.js";
import { RV64I } from "./rv64i.js";
import { RV64M } from "./rv64m.js";
import { ZICSR } from "./zicsr.js";
import { ZIHINTPAUSE } from "./zihintpause.js";

export interface NumberedInstruction extends SystemInstruction {
  readonly name: string;
  readonly number: number;
}

/** In order of trial where encodings overlap: `pause` is a `fence` too. */
const SETS = { ZIHINTPAUSE, RV64I, RV64M, RV64A, FLOATING_POINT, ZICSR, PRIVILEGED } as const;
export type InstructionSet = keyof typeof SETS;

const TABLES: readonly SystemInstructionTable[] = Object.values(SETS);

export const INSTRUCTIONS: readonly NumberedInstruction[] = TABLES.flatMap((table) => Object.entries(table)).map(
  ([name, { format, mask, match, execute }], number) => ({ name, number, format, mask, match, execute }),
);

export const INSTRUCTION_BY_NAME: ReadonlyMap<string, NumberedInstruction> = new Map(
  INSTRUCTIONS.map((instruction) => [instruction.name, instruction]),
);
