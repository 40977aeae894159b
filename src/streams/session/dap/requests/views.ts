/** Where a request looks, and how its answer tells what is shown. */
import type { DebugProtocol } from "@vscode/debugprotocol";

import { frameIn } from "../../../past/names/frame.js";
import type { Debuggee } from "../debuggee.js";
import type { Parts, Shown, ValueFormat, View } from "../data/shown.js";

export interface Format {
  readonly hex?: boolean;
}

export const formatOf = (format: Format | undefined): ValueFormat => ({ isHex: format?.hex === true });

/** Of the frame; left out: of the hart whose turn it is. @throws {DapError} */
export function viewOf(debuggee: Debuggee, frameId: number | undefined): View {
  const { names } = debuggee.target;
  if (frameId === undefined) {
    const at = turnSeen(debuggee);
    return { names, at, frame: frameIn({ at, names }) };
  }
  const { hart, frame } = debuggee.shown(frameId);
  return { names, at: debuggee.seenBy(hart), frame: frame.frame };
}

export const turnSeen = (debuggee: Debuggee): View["at"] => debuggee.seenBy(debuggee.target.present().schedule.hart);

export const counts = ({ count, areElements }: Parts): object =>
  count === undefined ? {} : areElements === true ? { indexedVariables: count } : { namedVariables: count };

export function variableOf(
  debuggee: Debuggee,
  { name, value: shown, type, evaluateName, memoryReference, isReadOnly, parts }: Shown,
  view: View,
): DebugProtocol.Variable {
  return {
    name,
    value: shown,
    ...(type !== undefined && { type }),
    ...(evaluateName !== undefined && { evaluateName }),
    ...(memoryReference !== undefined && { memoryReference }),
    ...(isReadOnly === true && { presentationHint: { attributes: ["readOnly"] } }),
    variablesReference: parts === undefined ? 0 : debuggee.parts.add({ parts, view }),
    ...(parts !== undefined && counts(parts)),
  };
}
