/** How an instruction of the interpreter's loop ends, other than by going on to the next slot. */
import type { Label } from "../../wasm/assembler.js";
import { ABORT, HANDLER, SLOT_BYTES, SLOT_SHIFT, SLOTS_A_PAGE } from "../layout.js";
import { countHeat } from "./loop-heat.js";
import type { LoopFunctions, LoopState } from "./loop-state.js";

/** Where the loop can go on. */
export interface LoopLabels {
  /** The checks between two stretches, then the instruction at `FIELD.pc`. */
  readonly boundary: Label;
  /** The instruction at pc, whatever its page. */
  readonly refetch: Label;
  /** The instruction of `slot`. */
  readonly next: Label;
}

export class LoopEnds {
  constructor(
    private readonly loop: LoopState,
    private readonly engine: LoopFunctions,
    private readonly labels: LoopLabels,
  ) {}

  /** The instruction is over. `pc` and `abort` are set. */
  readonly leave = (): void => {
    const { loop, labels } = this;
    const { asm, w } = loop;
    // `abort` says whether the instruction counts.
    const isNotRetired = w.eq(w.control("abort"), w.i32(ABORT.notRetired));
    loop.setControl("remaining", w.add(w.control("remaining"), isNotRetired));
    loop.setControl("abort", w.i32(ABORT.none));
    asm.br(labels.boundary);
  };

  /** After a call that may have ended the instruction. */
  readonly resumeOrLeave = (): void => {
    const { w, remaining } = this.loop;
    remaining.set(w.control("remaining"));
    w.when(w.control("abort"), this.leave);
  };

  /** For what the loop does not do, or cannot finish: a function outside the loop starts the instruction again. */
  executeOutOfLine(): void {
    const { loop, engine, labels } = this;
    const { asm, w, slot, handler } = loop;
    loop.spill();
    w.call(engine.executeOutOfLine, slot, handler);
    this.resumeOrLeave();
    // An instruction has two handlers. The second one is for its 16-bit encoding.
    const isShort = w.and(w.sub(handler, w.i32(HANDLER.first)), w.i32(1));
    slot.set(w.add(slot, w.shrU(w.i32(4 << SLOT_SHIFT), isShort)));
    loop.readHandler();
    asm.br(labels.next);
  }

  jumpToPc(): void {
    const { loop, labels } = this;
    const { asm, w, v, jumpPage } = loop;
    w.branchIf(v.ne(loop.pageOfPc, jumpPage), labels.refetch);
    loop.toSlotOfPc();
    this.arriveHot();
    loop.readHandler();
    asm.br(labels.next);
  }

  /** Jumps by `displacement`. */
  jumpByImmediate(): void {
    const { loop, labels } = this;
    const { asm, w, v, slot, codeBase, target, displacement, pc } = loop;
    const arrival = target.tee(w.add(slot, w.shl(displacement, w.i32(SLOT_SHIFT))));
    w.when(w.ltU(w.sub(arrival, codeBase), w.i32(SLOTS_A_PAGE * SLOT_BYTES)), () => {
      // Left on the stack while `slot` changes.
      const isBack = w.ltU(target, slot);
      isBack();
      slot.set(target);
      asm.if(this.arriveHot);
      loop.readHandler();
      asm.br(labels.next);
    });
    pc.set(v.add(loop.currentPc, w.signExtend(displacement)));
    asm.br(labels.refetch);
  }

  private readonly arriveHot = (): void => {
    countHeat(this.loop, this.engine, this.labels.boundary);
  };
}
