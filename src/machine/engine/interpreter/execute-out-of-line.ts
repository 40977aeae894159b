/** Instructions that are executed outside the interpreter's loop. */
import type { NumberedInstruction } from "../../isa/instruction-set.js";
import { Assembler } from "../../wasm/assembler.js";
import type { ModuleBuilder } from "../../wasm/module-builder.js";
import { functionFrame } from "../function-frame.js";
import { HANDLER } from "../layout.js";
import { SlotOps, type EngineFunctions } from "../slot-ops.js";
import { switchOn, type Case } from "../expressions/switch-on.js";
import { Words } from "../expressions/words.js";

/** A function for each instruction that the loop does not do, or cannot finish. */
export class OutOfLineFunctions {
  /** By the instruction's number. */
  private readonly indices = new Map<number, number>();

  constructor(
    private readonly module: ModuleBuilder,
    private readonly engine: EngineFunctions,
  ) {}

  define(instruction: NumberedInstruction): void {
    const { module, engine, indices } = this;
    if (indices.has(instruction.number)) return;
    const index = module.declareFunction({ parameters: ["i32"], results: [] });
    indices.set(instruction.number, index);
    const { frame } = functionFrame([], undefined);
    const o = new SlotOps(frame, engine);
    instruction.execute(o, o.operands(instruction.format));
    module.defineFunction(index, frame.asm);
  }

  /** (slot: i32, handler: i32): executes one of those defined so far. */
  execute(): Assembler {
    const asm = new Assembler(["i32", "i32"]);
    const w = new Words(asm);
    const [slot, handler] = [w.parameter(0), w.parameter(1)];
    const number = w.shrU(w.sub(handler, w.i32(HANDLER.first)), w.i32(1));
    const cases = [...this.indices].map(([instruction, index]): Case => [
      [instruction],
      () => {
        w.call(index, slot);
        w.return();
      },
    ]);
    switchOn(asm, number, cases, () => {
      asm.op("unreachable");
    });
    return asm;
  }
}
