/** The moment under the cursor: everything that is shown of it. */
import { hartOf, seenBy, type Inspected } from "../../src/machine/inspect.js";
import { hashOfState } from "../../src/machine/state-hash.js";
import type { MachineState } from "../../src/machine/state.js";
import { hex64 } from "../../src/reducers/hex.js";
import { stackOf, type StackFrame } from "../../src/streams/past/stack.js";
import type { FrameRow, MomentAnswer, MomentAsked, PageInstant, PagePosition } from "../protocol.js";
import { PageError } from "./cancelled.js";
import { codeAround } from "./code.js";
import { deviceRows } from "./devices.js";
import { memoryRows } from "./memory.js";
import type { Opened } from "./opened.js";
import { controlRows, floatRows, integerRows, privilegeOf } from "./registers.js";
import { variableRows } from "./variables.js";
import type { Looking } from "./looking.js";

/** Of one moment: more is asked in several. */
export const MAX_MEMORY_WINDOWS = 16;

/** A stretch at a time. @throws {PageError} */
export function* momentAt(
  opened: Opened,
  where: PageInstant,
  asked: MomentAsked,
): Generator<PagePosition, MomentAnswer> {
  const state = yield* opened.stateAt(where);
  const since = yield* sinceOf(opened, where, asked.since);
  const hart = hartIn(state, asked.hart);
  const { names } = opened;
  const at = seenBy(state, hart);
  const before = since && seenBy(since, hart);
  const stack = stackOf(names, state, hart);
  const index = Math.min(Math.max(0, asked.frame ?? 0), stack.length - 1);
  const looking: Looking = { names, at, before, frame: stack[index]?.frame, isInnermost: index === 0 };
  const pc = at.harts[hart]?.fields.pc ?? 0n;
  const task = opened.hasAllNames ? opened.recording.kernel?.taskOf(state, hart) : undefined;
  return {
    ...where,
    recording: asked.recording,
    hash: asked.hash === true ? hex64(hashOfState(state)) : null,
    hart,
    pc,
    privilege: privilegeOf(at),
    function: names.functionAt(pc)?.name ?? null,
    task: task === undefined ? null : { pid: task.pid, name: task.comm },
    names: opened.hasAllNames ? "all" : "images",
    since: since === undefined ? null : { seq: since.position.seq, icount: since.position.icount },
    registers: integerRows(looking),
    floats: floatRows(looking),
    csrs: controlRows(looking),
    code: codeAround(looking, stack[index]?.pc ?? pc, asked),
    stack: stack.map(frameRow),
    frame: index,
    ...variableRows(looking, frameBefore(opened, before, hart, index)),
    devices: deviceRows(state, since),
    memory: (asked.memory ?? []).slice(0, MAX_MEMORY_WINDOWS).map((one) => memoryRows(looking, one)),
  };
}

/** What it is compared with: one instruction before, where no other moment is named. */
function* sinceOf(
  opened: Opened,
  { icount }: PageInstant,
  since: PagePosition | undefined,
): Generator<PagePosition, MachineState | undefined> {
  if (since !== undefined) return yield* opened.stateAt(since);
  if (icount <= opened.start.icount) return undefined;
  return yield* opened.stateAt(opened.events.before(icount - 1));
}

/** @throws {PageError} */
function hartIn(state: MachineState, hart: number | undefined): number {
  if (hart === undefined) return hartOf(state);
  if (Number.isInteger(hart) && hart >= 0 && hart < state.harts.length) return hart;
  throw new PageError(`there is no hart ${String(hart)}: the machine has ${String(state.harts.length)}`);
}

const frameBefore = (
  { names }: Opened,
  before: Inspected | undefined,
  hart: number,
  index: number,
): StackFrame | undefined => before && stackOf(names, before, hart)[index];

const frameRow = ({ pc, function: name, offset, file, line, isInlined }: StackFrame): FrameRow => ({
  pc,
  function: name ?? null,
  offset: offset === undefined ? null : Number(offset),
  file: file ?? null,
  lineNumber: line ?? null,
  isInlined,
});
