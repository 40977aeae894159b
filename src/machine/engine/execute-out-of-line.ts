/** Executes one instruction outside the interpreter's loop. */
import { Assembler } from "../wasm/assembler.js";
import { HANDLER } from "./layout.js";
import { switchOn } from "./switch-on.js";

/** (slot: i32, handler: i32). `functions` is indexed by the instruction's number. */
export function executeOutOfLineFunction(functions: ReadonlyMap<number, number>): Assembler {
  const asm = new Assembler(["i32", "i32"]);
  switchOn(
    asm,
    () => {
      asm.get(asm.parameter(1));
      asm.i32(HANDLER.first);
      asm.op("i32.sub");
      asm.i32(1);
      asm.op("i32.shr_u");
    },
    [...functions].map(([number, index]) => [
      [number],
      () => {
        asm.get(asm.parameter(0));
        asm.call(index);
        asm.op("return");
      },
    ]),
    () => {
      asm.op("unreachable");
    },
  );
  return asm;
}
