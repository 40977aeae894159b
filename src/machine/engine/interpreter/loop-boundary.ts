/** The interpreter's checks between two stretches: budget, interrupts, address spaces. */
import type { Code } from "../expressions/compiled-values.js";
import type { LoopFunctions, LoopState } from "./loop-state.js";
import type { Word } from "../expressions/words.js";

/** The results of `run`. */
export const RUN_END = { budget: 0, idle: 1, attention: 2 } as const;

/** Returns from the loop's function, or continues with pc and the address spaces in their locals. */
export function lookAround(loop: LoopState, engine: LoopFunctions): void {
  const { w, v, remaining, context, fetchContext, pc } = loop;
  const endIf = (condition: Word, end: number): void => {
    w.when(condition, () => {
      w.return(w.i32(end));
    });
  };
  const endOnAttention = (): void => {
    endIf(w.control("attention"), RUN_END.attention);
  };
  const isSet = (value: Code): Word => w.not(v.isZero(value));

  collectStash(loop);
  endOnAttention();
  endIf(w.not(remaining), RUN_END.budget);
  const pending = v.or(v.field("mip"), v.control("interruptLines"));
  w.when(isSet(v.and(pending, v.field("mie"))), () => {
    w.drop(w.result(engine.takePendingInterrupt, w.i32(0)));
    collectStash(loop);
    // Whoever was told of the interrupt may have ended the run.
    if (engine.probes !== undefined) endOnAttention();
  });
  endIf(isSet(v.field("waiting")), RUN_END.idle);
  w.when(w.control("contextStale"), () => {
    w.call(engine.enterAddressSpaces, w.i32(0));
  });
  context.set(v.control("dataContext"));
  fetchContext.set(v.control("fetchContext"));
  pc.set(v.field("pc"));
  if (engine.traces) recordPc(loop, engine);
}

/** Makes `remaining` all that is left of the budget. */
function collectStash(loop: LoopState): void {
  const { w, remaining } = loop;
  loop.setControl("remaining", remaining.tee(w.add(w.control("remaining"), w.control("stash"))));
  loop.setControl("stash", w.i32(0));
}

/** While a path is recorded, each instruction is a stretch of its own, so that each pc comes by here. */
function recordPc(loop: LoopState, engine: LoopFunctions): void {
  const { asm, w, remaining, pc } = loop;
  const at = w.variable();
  const end = w.i32(engine.layout.recorded.end);
  w.when(at.tee(w.control("recordAt")), () => {
    w.store("i64.store", at, 0, pc);
    w.when(
      w.eq(at.tee(w.add(at, w.i32(8))), end),
      () => {
        loop.setControl("recordAt", w.i32(0));
        asm.call(engine.noteRecorded);
      },
      () => {
        loop.setControl("recordAt", at);
        loop.setControl("stash", w.sub(remaining, w.i32(1)));
        remaining.set(w.i32(1));
      },
    );
  });
}
