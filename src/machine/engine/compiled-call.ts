/** The call of compiled code from the interpreter's loop. */
import type { Label } from "../wasm/assembler.js";
import { BUDGET_LEFT, HANDED_OVER, LIES_APART, NOT_DIRECT } from "./compiled/code-protocol.js";
import { countHandedOver, countUp } from "./counters.js";
import { HANDLER, PAGE_MASK } from "./layout.js";
import type { LoopFunctions, LoopState } from "./loop-state.js";
import { MAX_INSTRUCTIONS } from "./regions/control-flow-graph.js";

export interface CompiledCallLabels {
  readonly refetch: Label;
  readonly next: Label;
  /** Executes the instruction of `handler`. */
  readonly again: Label;
}

/**
 * Calls the code that begins here, which may go on to other code. Then continues where it left, or executes the
 * instruction that it handed over.
 */
export function callCompiled(loop: LoopState, engine: LoopFunctions, labels: CompiledCallLabels): void {
  const { asm, slot, target } = loop;
  call(loop, engine);
  countRun(loop);
  asm.get(target);
  asm.i32(NOT_DIRECT);
  asm.op("i32.and");
  asm.if(() => {
    asm.call(engine.noteTranslated);
    asm.br(labels.refetch);
  });
  asm.get(target);
  asm.i32(HANDED_OVER);
  asm.op("i32.and");
  asm.op("i32.eqz");
  asm.brIf(labels.refetch);
  toHandedOver(loop);
  asm.get(target);
  asm.i32(LIES_APART);
  asm.op("i32.and");
  asm.if(() => {
    asm.get(slot);
    asm.call(engine.noteSplit);
  });
  executeHandedOver(loop, engine, labels);
}

/** Leaves the result in `target`, and what is left of the budget in `remaining`, and pc. */
function call(loop: LoopState, engine: LoopFunctions): void {
  const { asm, remaining, target, chunk, pageVa, pc, loadField, loadControl, besideSlot, storePc, currentPc } = loop;
  // Code that executes nothing leaves it as it is.
  storePc(currentPc);
  asm.get(pageVa);
  // V8 has no on-stack replacement for WebAssembly: only the next call runs optimised code.
  asm.get(remaining);
  asm.i32(1);
  asm.op("i32.add");
  asm.tee(remaining);
  loadControl("stretchLeft");
  asm.tee(chunk);
  asm.get(remaining);
  asm.get(chunk);
  asm.op("i32.lt_u");
  asm.op("select");
  asm.tee(chunk);
  besideSlot(engine.layout.slotRegions, 4);
  asm.memory("i32.load");
  asm.tee(target);
  asm.i32(0xffff);
  asm.op("i32.and");
  asm.get(target);
  asm.i32(16);
  asm.op("i32.shr_u");
  asm.callIndirect(engine.codeType);
  asm.tee(target);
  asm.i32(BUDGET_LEFT);
  asm.op("i32.and");
  asm.get(remaining);
  asm.op("i32.add");
  asm.get(chunk);
  asm.op("i32.sub");
  asm.set(remaining);
  loadField("pc");
  asm.set(pc);
}

/** Makes `chunk` the number of instructions that were executed. */
function countRun({ asm, target, chunk, loadControl, setControl }: LoopState): void {
  asm.get(chunk);
  asm.get(target);
  asm.i32(BUDGET_LEFT);
  asm.op("i32.and");
  asm.op("i32.sub");
  asm.set(chunk);
  setControl("stretchLeft", () => {
    loadControl("stretchLeft");
    asm.get(chunk);
    asm.op("i32.sub");
  });
  countUp(asm, "regionRuns");
  countUp(asm, "regionInsns", () => {
    asm.get(chunk);
  });
}

/** Finds the slot of the pc at which the code stands. */
function toHandedOver({ asm, pageVa, jumpPage, pc, findCode, toSlotOfPc }: LoopState): void {
  asm.get(pc);
  asm.i64(PAGE_MASK);
  asm.op("i64.and");
  asm.get(pageVa);
  asm.op("i64.ne");
  asm.if(() => {
    // On another page, which the code found in the fetch TLB during this call.
    asm.get(pc);
    asm.i64(PAGE_MASK);
    asm.op("i64.and");
    asm.tee(pageVa);
    asm.set(jumpPage);
    findCode();
    // Anything else means wrong code. The run ends here: a wrong guest would be worse than none.
    asm.op("i32.eqz");
    asm.if(() => {
      asm.op("unreachable");
    });
  });
  toSlotOfPc();
}

function executeHandedOver(loop: LoopState, engine: LoopFunctions, labels: CompiledCallLabels): void {
  const { asm, remaining, target, handler, addTo, besideSlot, loadHandler } = loop;
  // Less than a block's length is left, so the budget ended the code.
  asm.get(target);
  asm.i32(BUDGET_LEFT);
  asm.op("i32.and");
  asm.i32(MAX_INSTRUCTIONS);
  asm.op("i32.lt_u");
  asm.tee(target);
  asm.if(() => {
    countUp(asm, "regionBudgetExits");
    endStretch(loop, engine);
  });
  asm.get(remaining);
  asm.op("i32.eqz");
  asm.brIf(labels.next);
  addTo(remaining, -1);
  loadHandler();
  asm.tee(handler);
  asm.i32(HANDLER.region);
  asm.op("i32.eq");
  asm.if(() => {
    besideSlot(engine.layout.slotHandlers, 2);
    asm.memory("i32.load16_u");
    asm.set(handler);
  });
  asm.get(target);
  asm.op("i32.eqz");
  asm.if(() => {
    countHandedOver(asm, () => {
      asm.get(handler);
    });
  });
  asm.br(labels.again);
}

/** Tells where a stretch of compiled code ended, if this was not the end of the interpreter's own. */
function endStretch({ asm, slot, loadControl, setControl }: LoopState, engine: LoopFunctions): void {
  loadControl("stretchLeft");
  asm.i32(MAX_INSTRUCTIONS);
  asm.op("i32.lt_u");
  asm.if(() => {
    setControl("stretchLeft", () => {
      loadControl("stretchInsns");
    });
    asm.get(slot);
    asm.call(engine.noteStretch);
  });
}
