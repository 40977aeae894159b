/** The frame of a function outside the interpreter's loop. There `pc` and `remaining` are in memory already. */
import { Assembler, type Local } from "../wasm/assembler.js";
import type { ValueType } from "../wasm/opcodes.js";
import { CONTROL, FIELD } from "./layout.js";
import type { Frame } from "./slot-ops.js";

/** The first parameter of each such function is the address of the instruction's slot. */
export function functionFrame(
  parameters: readonly ValueType[],
  result: ValueType | undefined,
  instructionBytes = 4,
): { frame: Frame; parameter: (index: number) => Local } {
  const asm = new Assembler(["i32", ...parameters]);
  const pc = (): void => {
    asm.i32(0);
    asm.memory("i64.load", FIELD.pc);
  };
  const leave = (): void => {
    if (result === "i64") asm.i64(0n);
    if (result === "i32") asm.i32(0);
    asm.op("return");
  };
  const jumpTo = (): never => {
    throw new Error("an instruction that jumps is compiled into the loop");
  };
  const frame: Frame = {
    asm,
    slot: asm.parameter(0),
    dataContext: () => {
      asm.i32(0);
      asm.memory("i64.load", CONTROL.dataContext);
    },
    pc,
    nextPc: () => {
      pc();
      asm.i64(BigInt(instructionBytes));
      asm.op("i64.add");
    },
    spill: () => undefined,
    resumeOrLeave: () => {
      asm.i32(0);
      asm.memory("i32.load", CONTROL.abort);
      asm.if(leave);
    },
    leave,
    jumpTo,
    jumpBy: jumpTo,
  };
  return { frame, parameter: (index) => asm.parameter(index + 1) };
}
