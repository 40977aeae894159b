/** Reports the instructions of the guest as they retire: an engine of the reference evaluator. */
import type { EngineFactory } from "./engine/engine.js";
import { Evaluator, InstructionLeft, type EvaluatorParts } from "./reference/evaluate.js";
import { ReferenceEngine } from "./reference/reference-engine.js";

export type RetiredListener = (icount: number, retired: { readonly pc: bigint; readonly encoding: number }) => void;

/** Some hundred times slower than others. `icount`: the instructions retired before. */
export const tracedEngine =
  (listener: RetiredListener): EngineFactory =>
  (bus, options) =>
    new ReferenceEngine(bus, { ...options, evaluator: (parts) => new TellingEvaluator(parts, listener) });

class TellingEvaluator extends Evaluator {
  constructor(
    parts: EvaluatorParts,
    private readonly tell: RetiredListener,
  ) {
    super(parts);
  }

  override step(): void {
    const icount = Number(this.input("icount"));
    const pc = this.pc();
    try {
      super.step();
    } catch (reason) {
      if (reason instanceof InstructionLeft && reason.isRetired) this.tell(icount, { pc, encoding: this.raw });
      throw reason;
    }
    this.tell(icount, { pc, encoding: this.raw });
  }
}
