/**
 * The interpreter: a loop over decoded slots.
 *
 * `boundary` checks interrupts, budget and address spaces. An instruction that may change one of them sets `remaining`
 * to 0, which ends the stretch. So the loop needs a single test per instruction.
 */
import type { Assembler } from "../../wasm/assembler.js";
import { lookAround } from "./loop-boundary.js";
import { LoopEnds, type LoopLabels } from "./loop-ends.js";
import { LoopFetch } from "./loop-fetch.js";
import { instructionCases, type InstructionLabels } from "./loop-instructions.js";
import { coveredCases, undecodedCases } from "./loop-special-slots.js";
import { LoopState, type LoopFunctions } from "./loop-state.js";
import { switchOn } from "../expressions/switch-on.js";

export function interpreterLoop(engine: LoopFunctions): Assembler {
  const loop = new LoopState(engine.layout);
  const { asm } = loop;
  asm.loop((boundary) => {
    lookAround(loop, engine);
    asm.loop((refetch) => {
      const fetch = new LoopFetch(loop, engine, boundary);
      fetch.toPc();
      loop.readHandler();
      asm.loop((next) => {
        executeNext(loop, engine, fetch, { boundary, refetch, next });
      });
    });
  });
  asm.op("unreachable");
  return asm;
}

/** Executes the instruction of `slot`. */
function executeNext(loop: LoopState, engine: LoopFunctions, fetch: LoopFetch, labels: LoopLabels): void {
  const { asm, w, remaining } = loop;
  const ends = new LoopEnds(loop, engine, labels);
  w.when(w.not(remaining), () => {
    loop.spill();
    asm.br(labels.boundary);
  });
  loop.addTo(remaining, -1);
  // These ends are emitted once for all instructions: V8 takes long to optimise a long loop.
  w.block((jump) => {
    w.block((jumpBy) => {
      w.block((outOfLine) => {
        executeHandler(loop, engine, { fetch, ends, labels: { ...labels, outOfLine, jump, jumpBy } });
      });
      ends.executeOutOfLine();
    });
    ends.jumpByImmediate();
  });
  ends.jumpToPc();
}

interface HandlerParts {
  readonly fetch: LoopFetch;
  readonly ends: LoopEnds;
  readonly labels: LoopLabels & InstructionLabels;
}

function executeHandler(loop: LoopState, engine: LoopFunctions, { fetch, ends, labels }: HandlerParts): void {
  const { asm, handler } = loop;
  const cases = [
    ...coveredCases(loop, engine, ends, labels),
    ...instructionCases(loop, engine, ends, labels),
    ...undecodedCases(loop, engine, fetch, labels),
  ];
  switchOn(asm, handler, cases, () => {
    asm.op("unreachable");
  });
}
