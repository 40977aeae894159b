/** Each instruction of a window with the call that it is part of, by its trace's calls, returns and traps. */
import type { Recording } from "../../../src/streams/past/recording.js";
import { trace$ } from "../../../src/streams/past/trace.js";

export interface CallTraced {
  /** Undefined: it was made before the window, or is a trap's. */
  readonly caller: TracedInstruction | undefined;
  readonly parent: CallTraced | undefined;
}

export interface TracedInstruction {
  readonly icount: number;
  readonly pc: bigint;
  readonly call: CallTraced;
}

const isCall = (raw: number): boolean =>
  (raw & 3) === 3
    ? (raw & 0xfff) === 0xef || (raw & 0x7fff) === 0xe7
    : (raw & 0xf07f) === 0x9002 && (raw & 0xf80) !== 0;
const isReturn = (raw: number): boolean => (raw & 0xffff) === 0x8082 || raw === 0x8067;
const isTrapReturn = (raw: number): boolean => raw === 0x3020_0073 || raw === 0x1020_0073;

/** After a reset nothing returns to what was before. */
const RESET_VECTOR = 0x1000n;

/** Of one hart. */
export async function callsTraced(
  recording: Recording,
  from: number,
  insns: number,
): Promise<readonly TracedInstruction[]> {
  const all: TracedInstruction[] = [];
  let call: CallTraced = { caller: undefined, parent: undefined };
  const traced$ = trace$(recording, { of: ["instruction/retired", "trap/taken"], from, until: from + insns });
  await traced$.forEach((action) => {
    if (action.type === "trap/taken") call = { caller: undefined, parent: call };
    if (action.type !== "instruction/retired") return;
    const { icount, pc, encoding } = action;
    if (pc === RESET_VECTOR) call = { caller: undefined, parent: undefined };
    const instruction = { icount, pc, call };
    all.push(instruction);
    if (isCall(encoding)) call = { caller: instruction, parent: call };
    // What the window began in was called by another one, which nothing tells of yet.
    else if (isReturn(encoding) || isTrapReturn(encoding))
      call = call.parent ?? { caller: undefined, parent: undefined };
  });
  return all;
}
