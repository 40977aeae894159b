/** The harts and the calls that led to where they stand. */
import { maybe, whole } from "../../../../options/codecs.js";
import { hexAddress } from "../../../../reducers/hex.js";
import { request } from "../request.js";
import type { DapRequests } from "../session.js";
import type { Debuggee, ShownFrame } from "../debuggee.js";

export const STACK_REQUESTS: DapRequests = {
  threads: request({}, ({ debuggee }) => ({
    threads: Array.from({ length: debuggee.harts }, (_, hart) => ({
      id: debuggee.threadOf(hart),
      name: `hart ${String(hart)}`,
    })),
  })),

  stackTrace: request<{ threadId: number; startFrame?: number; levels?: number }>(
    { threadId: whole, startFrame: maybe(whole), levels: maybe(whole) },
    ({ debuggee }, { threadId, startFrame = 0, levels = 0 }) => {
      const hart = debuggee.hartOf(threadId);
      const stack = debuggee.stackOf(hart);
      const shown = stack.slice(startFrame, levels === 0 ? undefined : startFrame + levels);
      const depthOf = (index: number): number => stack.slice(0, index).filter(({ isInlined }) => !isInlined).length;
      const stackFrames = shown.map((frame, index) =>
        described(debuggee, { hart, frame, depth: depthOf(startFrame + index) }),
      );
      return { stackFrames, totalFrames: stack.length };
    },
  ),
};

function described(debuggee: Debuggee, shown: ShownFrame): object {
  const { frame } = shown;
  const { pc, function: name, offset, file, line, column, isInlined } = frame;
  const address = hexAddress(pc);
  const isPlain = file !== undefined;
  return {
    id: debuggee.show(shown),
    name: `${name ?? address}${isPlain || offset === undefined ? "" : `+${hexAddress(offset)}`}${isInlined ? " [inlined]" : ""}`,
    line: line ?? 0,
    column: column ?? 0,
    ...(isPlain ? { source: debuggee.paths.sourceOf(file) } : { presentationHint: "subtle" }),
    instructionPointerReference: address,
    // An inlined one did not begin at an instruction of its own.
    canRestart: !isInlined && debuggee.target.past !== undefined,
  };
}
