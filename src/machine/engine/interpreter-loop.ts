/**
 * The interpreter: a loop over decoded slots.
 *
 * `boundary` checks interrupts, budget and address spaces. An instruction that may change one of them sets `remaining`
 * to 0, which ends the stretch. So the loop needs a single test per instruction.
 */
import type { Assembler, Label } from "../wasm/assembler.js";
import { ABORT, HANDLER, PAGE_MASK, SLOTS_A_PAGE, SLOT_BYTES, SLOT_SHIFT } from "./layout.js";
import { lookAround } from "./loop-boundary.js";
import { fetchInto } from "./loop-fetch.js";
import { instructionCases } from "./loop-instructions.js";
import { loopState, type LoopFunctions } from "./loop-state.js";
import { callCompiled } from "./compiled-call.js";
import { switchOn, type Case } from "./switch-on.js";

export function interpreterLoop(engine: LoopFunctions): Assembler {
  const loop = loopState(engine);
  const { asm, slot, codeBase, remaining, target, displacement, handler, jumpPage, pc } = loop;
  const { loadControl, setControl, addTo, currentPc, spill, toSlotOfPc, countHeat, loadHandler, besideSlot } = loop;

  asm.loop((boundary) => {
    lookAround(loop, engine);
    asm.loop((refetch) => {
      const { toPc, enterScratch } = fetchInto(loop, engine, boundary);
      toPc();
      asm.loop((next) => {
        asm.get(remaining);
        asm.op("i32.eqz");
        asm.if(() => {
          spill();
          asm.br(boundary);
        });
        addTo(remaining, -1);

        const leave = (): void => {
          // `abort` says whether the instruction counts.
          setControl("remaining", () => {
            loadControl("remaining");
            loadControl("abort");
            asm.i32(ABORT.notRetired);
            asm.op("i32.eq");
            asm.op("i32.add");
          });
          setControl("abort", () => {
            asm.i32(ABORT.none);
          });
          asm.br(boundary);
        };
        const resumeOrLeave = (): void => {
          loadControl("remaining");
          asm.set(remaining);
          loadControl("abort");
          asm.if(leave);
        };
        /**
         * For what the loop does not do, or cannot finish: a function outside the loop starts the instruction again.
         */
        const executeOutOfLine = (): void => {
          spill();
          asm.get(slot);
          asm.get(handler);
          asm.call(engine.executeOutOfLine);
          resumeOrLeave();
          // An instruction has two handlers. The second one is for its 16-bit encoding.
          asm.get(slot);
          asm.i32(4 << SLOT_SHIFT);
          asm.get(handler);
          asm.i32(HANDLER.first);
          asm.op("i32.sub");
          asm.i32(1);
          asm.op("i32.and");
          asm.op("i32.shr_u");
          asm.op("i32.add");
          asm.set(slot);
          asm.br(next);
        };
        const arriveHot = (): void => {
          countHeat(boundary);
        };
        const jumpToPc = (): void => {
          asm.get(pc);
          asm.i64(PAGE_MASK);
          asm.op("i64.and");
          asm.get(jumpPage);
          asm.op("i64.ne");
          asm.brIf(refetch);
          toSlotOfPc();
          arriveHot();
          asm.br(next);
        };
        const jumpByImmediate = (): void => {
          asm.get(slot);
          asm.get(displacement);
          asm.i32(SLOT_SHIFT);
          asm.op("i32.shl");
          asm.op("i32.add");
          asm.tee(target);
          asm.get(codeBase);
          asm.op("i32.sub");
          asm.i32(SLOTS_A_PAGE * SLOT_BYTES);
          asm.op("i32.lt_u");
          asm.if(() => {
            asm.get(target);
            asm.get(slot);
            asm.op("i32.lt_u");
            asm.get(target);
            asm.set(slot);
            asm.if(arriveHot);
            asm.br(next);
          });
          currentPc();
          asm.get(displacement);
          asm.op("i64.extend_i32_s");
          asm.op("i64.add");
          asm.set(pc);
          asm.br(refetch);
        };
        const probeCase = (again: Label): readonly Case[] => {
          const { probes, layout } = engine;
          if (probes === undefined) return [];
          const tell = (): void => {
            spill();
            asm.get(slot);
            asm.call(probes.probeReached);
            resumeOrLeave();
            besideSlot(layout.slotHandlers, 2);
            asm.memory("i32.load16_u");
            asm.set(handler);
            asm.br(again);
          };
          return [[[HANDLER.probe], tell]];
        };
        const execute = (outOfLine: Label, jumpBy: Label, jump: Label): void => {
          loadHandler();
          asm.set(handler);
          asm.loop((again) => {
            switchOn(
              asm,
              () => {
                asm.get(handler);
              },
              [
                [
                  [HANDLER.region],
                  () => {
                    callCompiled(loop, engine, { refetch, next, again });
                  },
                ],
                ...probeCase(again),
                ...instructionCases(loop, engine, { resumeOrLeave, leave, next, outOfLine, jump, jumpBy }),
                [
                  [HANDLER.undecoded],
                  () => {
                    addTo(remaining, 1);
                    asm.get(slot);
                    asm.call(engine.decodeSlot);
                    asm.br(next);
                  },
                ],
                [
                  [HANDLER.pageEnd],
                  () => {
                    addTo(remaining, 1);
                    currentPc();
                    asm.set(pc);
                    asm.br(refetch);
                  },
                ],
                [
                  [HANDLER.straddling],
                  () => {
                    addTo(remaining, 1);
                    currentPc();
                    asm.set(pc);
                    enterScratch();
                    asm.br(next);
                  },
                ],
              ],
              () => {
                asm.op("unreachable");
              },
            );
          });
        };
        // Emitted once for all instructions: V8 takes long to optimise a long loop.
        asm.block((jump) => {
          asm.block((jumpBy) => {
            asm.block((outOfLine) => {
              execute(outOfLine, jumpBy, jump);
            });
            executeOutOfLine();
          });
          jumpByImmediate();
        });
        jumpToPc();
      });
    });
  });
  asm.op("unreachable");
  return asm;
}
