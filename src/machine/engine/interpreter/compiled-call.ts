/** The call of compiled code from the interpreter's loop. */
import type { Label } from "../../wasm/assembler.js";
import { BUDGET_LEFT, HANDED_OVER, LIES_APART, NOT_DIRECT } from "../compiled/code-protocol.js";
import { countHandedOver, countUp } from "../counters.js";
import { HANDLER } from "../layout.js";
import type { LoopFunctions, LoopState } from "./loop-state.js";
import { MAX_INSTRUCTIONS } from "../regions/control-flow-graph.js";
import type { Word } from "../expressions/words.js";

export interface CompiledCallLabels {
  readonly refetch: Label;
  /** Executes the instruction of `handler`. */
  readonly next: Label;
}

/**
 * Calls the code that begins here, which may go on to other code. Then continues where it left, or executes the
 * instruction that it handed over.
 */
export function callCompiled(loop: LoopState, engine: LoopFunctions, labels: CompiledCallLabels): void {
  const { asm, w, slot } = loop;
  call(loop, engine);
  countRun(loop);
  w.when(result(loop, NOT_DIRECT), () => {
    asm.call(engine.noteTranslated);
    asm.br(labels.refetch);
  });
  w.branchIf(w.not(result(loop, HANDED_OVER)), labels.refetch);
  toHandedOver(loop);
  w.when(result(loop, LIES_APART), () => {
    w.call(engine.noteSplit, slot);
  });
  executeHandedOver(loop, engine, labels);
}

/** These bits of the result, while it is in `target`. */
const result = ({ w, target }: LoopState, bits: number): Word => w.and(target, w.i32(bits));

/** Leaves the result in `target`, and what is left of the budget in `remaining`, and pc. */
function call(loop: LoopState, engine: LoopFunctions): void {
  const { w, v, remaining, target, chunk, pageVa, pc } = loop;
  // Code that executes nothing leaves it as it is.
  loop.storePc(loop.currentPc);
  // V8 has no on-stack replacement for WebAssembly: only the next call runs optimised code.
  const budget = remaining.tee(w.add(remaining, w.i32(1)));
  const least = w.select(w.ltU(remaining, chunk), budget, chunk.tee(w.control("stretchLeft")));
  const codeWord = w.load("i32.load", loop.besideSlot(engine.layout.slotRegions, 4));
  const entry = w.and(target.tee(codeWord), w.i32(0xffff));
  const code = w.shrU(target, w.i32(16));
  const called = w.resultIndirect(engine.codeType, code, pageVa, chunk.tee(least), entry);
  const left = w.and(target.tee(called), w.i32(BUDGET_LEFT));
  remaining.set(w.sub(w.add(left, remaining), chunk));
  pc.set(v.field("pc"));
}

/** Makes `chunk` the number of instructions that were executed. */
function countRun(loop: LoopState): void {
  const { w, chunk } = loop;
  chunk.set(w.sub(chunk, result(loop, BUDGET_LEFT)));
  loop.setControl("stretchLeft", w.sub(w.control("stretchLeft"), chunk));
  countUp(w, "regionRuns");
  countUp(w, "regionInsns", chunk);
}

/** Finds the slot of the pc at which the code stands. */
function toHandedOver(loop: LoopState): void {
  const { asm, w, v, pageVa, jumpPage, pageOfPc } = loop;
  w.when(v.ne(pageOfPc, pageVa), () => {
    // On another page, which the code found in the fetch TLB during this call.
    jumpPage.set(pageVa.tee(pageOfPc));
    // Anything else means wrong code. The run ends here: a wrong guest would be worse than none.
    w.when(w.not(loop.findCode()), () => {
      asm.op("unreachable");
    });
  });
  loop.toSlotOfPc();
}

function executeHandedOver(loop: LoopState, engine: LoopFunctions, labels: CompiledCallLabels): void {
  const { asm, w, remaining, target, handler } = loop;
  // Less than a block's length is left, so the budget ended the code.
  const isOutOfBudget = w.ltU(result(loop, BUDGET_LEFT), w.i32(MAX_INSTRUCTIONS));
  w.when(target.tee(isOutOfBudget), () => {
    countUp(w, "regionBudgetExits");
    endStretch(loop, engine);
  });
  w.branchIf(w.not(remaining), labels.next);
  w.when(w.eq(handler.tee(loop.slotHandler), w.i32(HANDLER.region)), () => {
    handler.set(w.load("i32.load16_u", loop.besideSlot(engine.layout.slotHandlers, 2)));
  });
  w.when(w.not(target), () => {
    countHandedOver(w, handler);
  });
  asm.br(labels.next);
}

/** Tells where a stretch of compiled code ended, if this was not the end of the interpreter's own. */
function endStretch(loop: LoopState, engine: LoopFunctions): void {
  const { w, slot } = loop;
  w.when(w.ltU(w.control("stretchLeft"), w.i32(MAX_INSTRUCTIONS)), () => {
    loop.setControl("stretchLeft", w.control("stretchInsns"));
    w.call(engine.noteStretch, slot);
  });
}
