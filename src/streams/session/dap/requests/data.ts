/** The requests about what a machine has where it stands: values, memory, instructions. */
import { anyObject, distance, flag, maybe, text, value, whole } from "../../../../options/codecs.js";
import { hexAddress } from "../../../../reducers/hex.js";
import { Monitor } from "../../monitor/monitor.js";
import { DapError } from "../dap-error.js";
import type { Debuggee } from "../debuggee.js";
import { OWN_REQUESTS, type HistoryArguments } from "../own-requests.js";
import { request } from "../request.js";
import type { DapRequests } from "../session.js";
import { completionsOf, MAX_COMPLETIONS } from "../data/completions.js";
import { bytesText, instructionsAround, type ShownInstruction } from "../data/disassembly.js";
import { evaluated } from "../data/evaluate.js";
import { historyOf } from "../data/history.js";
import { addressOf, memoryRead } from "../data/memory.js";
import { MONITOR_SIGN, monitorLine } from "./monitor-line.js";
import { scopesOf } from "../data/scopes.js";
import { counts, formatOf, turnSeen, variableOf, viewOf, type Format } from "./views.js";
import { WRITING_REQUESTS } from "./writing.js";

/** Of one answer: a client asks for more with `start`. */
export const MAX_VARIABLES = 4096;

const integer = value<number>("a whole number", Number.isSafeInteger);

export const DATA_REQUESTS: DapRequests = {
  scopes: request<{ frameId: number }>({ frameId: whole }, ({ debuggee }, { frameId }) => {
    const view = viewOf(debuggee, frameId);
    return {
      scopes: scopesOf(view).map(({ name, hint, isExpensive, parts }) => ({
        name,
        ...(hint !== undefined && { presentationHint: hint }),
        expensive: isExpensive,
        variablesReference: debuggee.parts.add({ parts, view }),
        ...counts(parts),
      })),
    };
  }),

  variables: request<{
    variablesReference: number;
    start?: number;
    count?: number;
    filter?: string;
    format?: Format;
  }>(
    {
      variablesReference: whole,
      start: maybe(whole),
      count: maybe(whole),
      filter: maybe(text),
      format: maybe(anyObject),
    },
    ({ debuggee }, { variablesReference, start = 0, count = 0, filter, format }) => {
      debuggee.requireStanding();
      const { parts, view } = debuggee.parts.get(variablesReference);
      const isLeftOut = filter !== undefined && (filter === "indexed") !== (parts.areElements === true);
      const most = count === 0 ? MAX_VARIABLES : Math.min(count, MAX_VARIABLES);
      const shown = isLeftOut ? [] : parts.list(start, most, formatOf(format));
      return { variables: shown.map((one) => variableOf(debuggee, one, view)) };
    },
  ),

  evaluate: request<{ expression: string; frameId?: number; context?: string; format?: Format }>(
    { expression: text, frameId: maybe(whole), context: maybe(text), format: maybe(anyObject) },
    async (session, { expression, frameId, context, format }) => {
      const { debuggee } = session;
      if (context === "repl" && expression.startsWith(MONITOR_SIGN)) {
        const result = await monitorLine(session, expression.slice(MONITOR_SIGN.length));
        return { result, variablesReference: 0 };
      }
      const view = viewOf(debuggee, frameId);
      const { value: result, ...rest } = variableOf(debuggee, evaluated(expression, view, formatOf(format)), view);
      return { result, ...rest };
    },
  ),

  readMemory: request<{ memoryReference: string; offset?: number; count: number }>(
    { memoryReference: text, offset: maybe(integer), count: whole },
    ({ debuggee }, { memoryReference, offset, count }) =>
      memoryRead(turnSeen(debuggee), addressOf(memoryReference, offset), count),
  ),

  disassemble: request<{
    memoryReference: string;
    offset?: number;
    instructionOffset?: number;
    instructionCount: number;
    resolveSymbols?: boolean;
  }>(
    {
      memoryReference: text,
      offset: maybe(integer),
      instructionOffset: maybe(integer),
      instructionCount: whole,
      resolveSymbols: maybe(flag),
    },
    ({ debuggee }, { memoryReference, offset, instructionOffset = 0, instructionCount, resolveSymbols = true }) => {
      const address = addressOf(memoryReference, offset);
      const asked = { address, offset: instructionOffset, count: instructionCount };
      const shown = instructionsAround(turnSeen(debuggee), debuggee.target.names, asked);
      return {
        instructions: shown.map((one, index) => instructionOf(debuggee, one, shown[index - 1], resolveSymbols)),
      };
    },
  ),

  completions: request<{ text: string; column: number; frameId?: number }>(
    { text, column: whole, frameId: maybe(whole) },
    ({ debuggee }, { text: line, column, frameId }) => {
      const before = line.slice(0, Math.max(0, column - 1));
      if (before.startsWith(MONITOR_SIGN)) return { targets: monitorCompletions(debuggee, before) };
      const targets = completionsOf(before, viewOf(debuggee, frameId)).map(({ replaced, ...one }) => ({
        ...one,
        start: before.length - replaced,
        length: replaced,
      }));
      return { targets };
    },
  ),

  [OWN_REQUESTS.history]: request<HistoryArguments>(
    { expression: text, frameId: maybe(whole), before: maybe(text), count: maybe(distance) },
    ({ debuggee }, { frameId, ...asked }) => {
      const { past } = debuggee.target;
      if (past === undefined) throw new DapError("NOT_HERE", "this machine has no past to ask yet");
      return historyOf(past, viewOf(debuggee, frameId), asked);
    },
  ),

  /** Of a question about the past: nothing else takes long. A move is paused. */
  cancel: request({}, ({ debuggee }) => {
    if (!debuggee.isMoving) debuggee.target.giveUp?.();
    return undefined;
  }),

  source: request<{ source?: { readonly path?: unknown } }>({ source: maybe(anyObject) }, (_session, { source }) => {
    const path = typeof source?.path === "string" ? source.path : "this file";
    throw new DapError("NOT_HERE", `${path} is not on this disk: sourceMap says where its folder is here`);
  }),

  ...WRITING_REQUESTS,

  modules: request({}, ({ debuggee: { target } }) => {
    const modules = target.names.sources.map(({ title }, id) => ({ id, name: title }));
    return { modules, totalModules: modules.length };
  }),
};

function monitorCompletions({ target }: Debuggee, before: string): readonly object[] {
  const [labels, word] = new Monitor(target).complete(before.slice(MONITOR_SIGN.length));
  return labels.slice(0, MAX_COMPLETIONS).map((label) => ({
    ...{ label, type: "keyword", start: before.length - word.length, length: word.length },
  }));
}

/** A line is told where it begins. */
function instructionOf(
  { paths }: Debuggee,
  { address, bytes, text: instruction, symbol, line }: ShownInstruction,
  before: ShownInstruction | undefined,
  resolveSymbols: boolean,
): object {
  const isNew = line !== undefined && (line.file !== before?.line?.file || line.line !== before.line.line);
  return {
    address: hexAddress(address),
    instruction,
    ...(bytes === undefined ? { presentationHint: "invalid" } : { instructionBytes: bytesText(bytes) }),
    ...(resolveSymbols && symbol !== undefined && { symbol }),
    ...(isNew && { location: paths.sourceOf(line.file), line: line.line }),
  };
}
