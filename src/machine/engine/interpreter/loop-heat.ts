/** Counts how often the interpreter arrives at a slot, and tells when it has become hot. */
import type { Label } from "../../wasm/assembler.js";
import type { LoopFunctions, LoopState } from "./loop-state.js";

/** The time that code saves by sharing its module, as a number of arrivals in the interpreter. A power of two. */
const arrivalsAReport = (hotThreshold: number): number => 1 << (31 - Math.clz32(hotThreshold));

/** Counts an arrival at the present slot by a jump that may be part of a loop. */
export function countHeat(loop: LoopState, engine: LoopFunctions, boundary: Label): void {
  const { asm, w, slot, heat } = loop;
  const { hotThreshold, layout } = engine;
  if (hotThreshold === Infinity) return;
  const counter = heat.tee(loop.besideSlot(layout.slotHeat, 4));
  w.store("i32.store", counter, 0, heat.tee(w.add(w.load("i32.load", heat), w.i32(1))));
  // Zero at the threshold, and again when the hot slot should no longer wait for others.
  const early = w.and(w.sub(heat, w.i32(hotThreshold)), w.i32(~arrivalsAReport(hotThreshold)));
  w.when(w.not(early), () => {
    const isRecorded = w.result(engine.noteHot, slot);
    if (!engine.traces) {
      w.drop(isRecorded);
      return;
    }
    // From now on each instruction comes by the boundary, which records it.
    w.when(isRecorded, () => {
      loop.spill();
      asm.br(boundary);
    });
  });
}
