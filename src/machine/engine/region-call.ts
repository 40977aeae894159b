/** The call of a region from the interpreter's loop. */
import type { Label } from "../wasm/assembler.js";
import { countHandedOver, countUp } from "./counters.js";
import { HANDLER, PAGE_MASK } from "./layout.js";
import type { LoopFunctions, LoopState } from "./loop-state.js";
import { MAX_INSTRUCTIONS } from "./regions/control-flow-graph.js";
import { BUDGET_LEFT, HANDED_OVER, LIES_APART, NOT_DIRECT } from "./regions/region-protocol.js";

/** The longest stretch of one region call, in instructions. */
const REGION_BUDGET_INSNS = 1 << 20;

export interface RegionCallLabels {
  readonly refetch: Label;
  readonly next: Label;
  /** Executes the instruction of `handler`. */
  readonly again: Label;
}

/** Calls the region that begins here. Then continues where it left, or executes the instruction that it handed over. */
export function callRegion(loop: LoopState, engine: LoopFunctions, labels: RegionCallLabels): void {
  const {
    asm,
    slot,
    remaining,
    target,
    handler,
    chunk,
    pageVa,
    jumpPage,
    pc,
    loadField,
    addTo,
    findCode,
    toSlotOfPc,
    besideSlot,
    loadHandler,
  } = loop;
  asm.get(pageVa);
  // V8 has no on-stack replacement for WebAssembly: only the next call runs optimised code.
  asm.get(remaining);
  asm.i32(1);
  asm.op("i32.add");
  asm.tee(remaining);
  asm.i32(REGION_BUDGET_INSNS);
  asm.get(remaining);
  asm.i32(REGION_BUDGET_INSNS);
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
  asm.callIndirect(engine.regionType);
  asm.tee(target);
  asm.i32(NOT_DIRECT);
  asm.op("i32.and");
  asm.if(() => {
    asm.get(slot);
    asm.call(engine.noteTranslated);
    asm.br(labels.next);
  });
  asm.get(target);
  asm.i32(BUDGET_LEFT);
  asm.op("i32.and");
  asm.get(remaining);
  asm.op("i32.add");
  asm.get(chunk);
  asm.op("i32.sub");
  asm.set(remaining);
  loadField("pc");
  asm.set(pc);
  countUp(asm, "regionRuns");
  countUp(asm, "regionInsns", () => {
    asm.get(chunk);
    asm.get(target);
    asm.i32(BUDGET_LEFT);
    asm.op("i32.and");
    asm.op("i32.sub");
  });
  asm.get(target);
  asm.i32(HANDED_OVER);
  asm.op("i32.and");
  asm.op("i32.eqz");
  asm.brIf(labels.refetch);
  asm.get(pc);
  asm.i64(PAGE_MASK);
  asm.op("i64.and");
  asm.get(pageVa);
  asm.op("i64.ne");
  asm.if(() => {
    // The region ended on another of its pages, which it found in the fetch TLB during this call.
    asm.get(pc);
    asm.i64(PAGE_MASK);
    asm.op("i64.and");
    asm.tee(pageVa);
    asm.set(jumpPage);
    findCode();
    // Anything else means a wrong region. The run ends here: a wrong guest would be worse than none.
    asm.op("i32.eqz");
    asm.if(() => {
      asm.op("unreachable");
    });
  });
  toSlotOfPc();
  asm.get(target);
  asm.i32(LIES_APART);
  asm.op("i32.and");
  asm.if(() => {
    asm.get(slot);
    asm.call(engine.noteSplit);
  });
  // Less than a block's length is left, so the budget ended the region.
  asm.get(target);
  asm.i32(BUDGET_LEFT);
  asm.op("i32.and");
  asm.i32(MAX_INSTRUCTIONS);
  asm.op("i32.lt_u");
  asm.tee(target);
  asm.if(() => {
    countUp(asm, "regionBudgetExits");
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
