/** The frame of a function outside the interpreter's loop. There `pc` and `remaining` are in memory already. */
import { Assembler } from "../wasm/assembler.js";
import type { ValueType } from "../wasm/opcodes.js";
import { CompiledValues } from "./expressions/compiled-values.js";
import type { Frame } from "./slot-ops.js";
import { Words } from "./expressions/words.js";

/** An expression for each parameter. */
type Inputs<Parameters extends readonly ValueType[]> = { readonly [Index in keyof Parameters]: () => void };

/** The first parameter of each such function is the address of the instruction's slot. `inputs` are those behind it. */
export function functionFrame<const Parameters extends readonly ValueType[]>(
  parameters: Parameters,
  result: ValueType | undefined,
  instructionBytes = 4,
): { frame: Frame; inputs: Inputs<Parameters> } {
  const asm = new Assembler(["i32", ...parameters]);
  const w = new Words(asm);
  const v = new CompiledValues(asm);
  const pc = v.field("pc");
  const leave = (): void => {
    if (result === "i64") asm.i64(0n);
    if (result === "i32") asm.i32(0);
    w.return();
  };
  const jumpTo = (): never => {
    throw new Error("an instruction that jumps is compiled into the loop");
  };
  const frame: Frame = {
    asm,
    w,
    slot: w.parameter(0),
    dataContext: v.control("dataContext"),
    pc,
    nextPc: v.add(pc, v.i64(BigInt(instructionBytes))),
    spill: () => undefined,
    resumeOrLeave: () => {
      w.when(w.control("abort"), leave);
    },
    leave,
    jumpTo,
    jumpBy: jumpTo,
  };
  const inputs = parameters.map((_, index) => w.parameter(index + 1));
  return { frame, inputs: inputs as unknown as Inputs<Parameters> };
}
