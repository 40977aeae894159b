/** The handlers of slots that hold no instruction that was decoded to stay. */
import { callCompiled, type CompiledCallLabels } from "./compiled-call.js";
import { HANDLER } from "../layout.js";
import type { LoopEnds, LoopLabels } from "./loop-ends.js";
import type { LoopFetch } from "./loop-fetch.js";
import type { LoopFunctions, LoopState } from "./loop-state.js";
import type { Case } from "../expressions/switch-on.js";

/** Compiled code begins here, or arrivals are probed. Behind either is an instruction. */
export function coveredCases(
  loop: LoopState,
  engine: LoopFunctions,
  ends: LoopEnds,
  labels: CompiledCallLabels,
): readonly Case[] {
  const { asm, w, slot, handler, remaining } = loop;
  const { probes, layout } = engine;
  const region: Case = [
    [HANDLER.region],
    () => {
      callCompiled(loop, engine, labels);
    },
  ];
  if (probes === undefined) return [region];
  const tell = (): void => {
    loop.spill();
    w.call(probes.probeReached, slot);
    ends.resumeOrLeave();
    loop.addTo(remaining, 1);
    handler.set(w.load("i32.load16_u", loop.besideSlot(layout.slotHandlers, 2)));
    asm.br(labels.next);
  };
  return [region, [[HANDLER.probe], tell]];
}

/** Nothing is decoded here: yet, or ever. The instruction is counted when it is found. */
export function undecodedCases(
  loop: LoopState,
  engine: LoopFunctions,
  fetch: LoopFetch,
  { next, refetch }: LoopLabels,
): readonly Case[] {
  const { asm, w, slot, remaining, pc } = loop;
  const uncounted = (handler: number, find: () => void): Case => [
    [handler],
    () => {
      loop.addTo(remaining, 1);
      find();
    },
  ];
  return [
    uncounted(HANDLER.undecoded, () => {
      w.call(engine.decodeSlot, slot);
      loop.readHandler();
      asm.br(next);
    }),
    uncounted(HANDLER.pageEnd, () => {
      pc.set(loop.currentPc);
      asm.br(refetch);
    }),
    uncounted(HANDLER.straddling, () => {
      pc.set(loop.currentPc);
      fetch.enterScratch();
      loop.readHandler();
      asm.br(next);
    }),
  ];
}
