/** The call of a region from the interpreter's loop. */
import type { Label } from "../wasm/assembler.js";
import { countHandedOver, countUp } from "./counters.js";
import { HANDLER, PAGE_MASK } from "./layout.js";
import type { LoopFunctions, LoopState } from "./loop-state.js";
import { MAX_INSTRUCTIONS } from "./regions/control-flow-graph.js";
import { BUDGET_LEFT, HANDED_OVER, LIES_APART, NOT_DIRECT } from "./regions/region-protocol.js";

/** The longest stretch in one call of a region. */
const REGION_BUDGET_INSNS = 1 << 20;

export interface RegionCallLabels {
  readonly refetch: Label;
  readonly next: Label;
  /** Executes the instruction of `handler`. */
  readonly again: Label;
}

/** Runs the region that begins here; then goes on where it left, or executes what it handed over. */
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
  // No on-stack replacement: only a call that ends comes back as optimised code.
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
    // Another of the region's pages, which it found by the fetch TLB in this very call.
    asm.get(pc);
    asm.i64(PAGE_MASK);
    asm.op("i64.and");
    asm.tee(pageVa);
    asm.set(jumpPage);
    findCode();
    // Anything else would be a wrong region: better no guest than another one.
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
  // With less than a block's length left it was the budget that made an end.
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
