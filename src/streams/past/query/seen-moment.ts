/** A machine in the middle of a replay, as a function of a query sees it. Valid until the function returns. */
import type { Inspected } from "../../../machine/inspect.js";
import { MomentView } from "../moment-view.js";
import type { Scope } from "../names/expression/index.js";
import { TopFrame } from "../names/frame.js";
import type { FrameReader } from "../names/name-source.js";
import type { Names } from "../names/names.js";
import type { Recording } from "../recording.js";

export class SeenMoment extends MomentView {
  /** `isGlobal`: variables of functions are not meant, since which function executes is not to be known. */
  constructor(
    readonly recording: Recording,
    protected readonly at: Inspected,
    private readonly isGlobal = false,
  ) {
    super();
  }

  override get scope(): Scope {
    const { recording, at, isGlobal } = this;
    return { names: recording.names, at, isGlobal, frame: isGlobal ? frameOfNone(at, recording.names) : undefined };
  }
}

/** For what is the same in every function: no instruction is meant, so what a variable has at one is not asked for. */
function frameOfNone(at: Inspected, names: Names): FrameReader {
  const top = new TopFrame({ at }, names);
  return {
    pc: 0n,
    register: (register) => top.register(register),
    canonicalFrameAddress: () => undefined,
    read: (address, bytes) => top.read(address, bytes),
  };
}
