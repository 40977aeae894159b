/** The requests that write: variables, registers and memory. In the past that makes a branch, which is then told. */
import { flag, maybe, anyObject, text, value, whole } from "../../../../options/codecs.js";
import { hartOf } from "../../../../machine/inspect.js";
import type { DebuggerEvent } from "../../../../reducers/debugger.js";
import { memoryWrites, writeAll } from "../../debugger-writes.js";
import { DapError } from "../dap-error.js";
import type { Debuggee } from "../debuggee.js";
import { request } from "../request.js";
import type { DapRequests, DapSession } from "../session.js";
import { evaluated } from "../data/evaluate.js";
import { addressOf } from "../data/memory.js";
import { writesOf } from "../data/new-value.js";
import { partNamed, type Parts, type Shown, type View } from "../data/shown.js";
import { formatOf, turnSeen, variableOf, viewOf, type Format } from "./views.js";

export const WRITING_REQUESTS: DapRequests = {
  setVariable: request<{ variablesReference: number; name: string; value: string; format?: Format }>(
    { variablesReference: whole, name: text, value: text, format: maybe(anyObject) },
    (session, { variablesReference, name, value: given, format }) => {
      session.debuggee.requireStanding();
      const { parts, view } = session.debuggee.parts.get(variablesReference);
      return written(session, { shown: requiredPart(name, parts), view, given, format });
    },
  ),

  setExpression: request<{ expression: string; value: string; frameId?: number; format?: Format }>(
    { expression: text, value: text, frameId: maybe(whole), format: maybe(anyObject) },
    (session, { expression, value: given, frameId, format }) => {
      const view = viewOf(session.debuggee, frameId);
      return written(session, { shown: evaluated(expression, view, formatOf(format)), view, given, format });
    },
  ),

  writeMemory: request<{ memoryReference: string; offset?: number; data: string; allowPartial?: boolean }>(
    {
      memoryReference: text,
      offset: maybe(value<number>("a whole number", Number.isSafeInteger)),
      data: text,
      allowPartial: maybe(flag),
    },
    (session, { memoryReference, offset, data }) => {
      if (!BASE64.test(data)) throw new DapError("NOT_HERE", "data: nothing is written, since it is no base64");
      const bytes = Uint8Array.from(Buffer.from(data, "base64"));
      const events = memoryWrites(turnSeen(session.debuggee), addressOf(memoryReference, offset), bytes);
      write(session, events);
      return { bytesWritten: bytes.length };
    },
  ),
};

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

interface Writing {
  readonly shown: Shown;
  readonly view: View;
  readonly given: string;
  readonly format: Format | undefined;
}

/** Answers what it then is. @throws {DapError} @throws {PlaceError} @throws {NotWritableError} */
function written(session: DapSession, { shown, view, given, format }: Writing): object {
  const { debuggee } = session;
  if (shown.place === undefined) {
    throw new DapError("NOT_HERE", `${shown.name} can't be written: it is no number in memory or in a register here`);
  }
  const call = callOf(debuggee, view);
  write(session, writesOf(shown.place, given));
  const now = call();
  if (shown.evaluateName === undefined || now === undefined) return { value: given };
  const {
    name: _name,
    evaluateName: _evaluateName,
    ...rest
  } = variableOf(debuggee, evaluated(shown.evaluateName, now, formatOf(format)), now);
  return rest;
}

/** @throws {DapError} @throws {NotWritableError} @throws {MonitorError} */
function write(session: DapSession, events: readonly DebuggerEvent[]): void {
  const { debuggee } = session;
  debuggee.requireStanding();
  const { target } = debuggee;
  if (target.write === undefined) throw new DapError("NOT_HERE", `nothing is written in a ${target.mode}`);
  writeAll(target, events);
  // It may be another machine now, and what was shown is of the other one.
  debuggee.forget();
  session.soon(() => {
    session.tell("invalidated", { areas: ["all"] });
  });
}

/** The same call, once something was written. */
function callOf(debuggee: Debuggee, { at, frame, names }: View): () => View | undefined {
  const hart = hartOf(at);
  const isSame = (other: View["frame"]): boolean =>
    other.pc === frame.pc && other.within === frame.within && other.register(SP) === frame.register(SP);
  const depth = debuggee.stackOf(hart).findIndex((one) => isSame(one.frame));
  return () => {
    const there = debuggee.stackOf(hart)[depth];
    return there && { names, at: debuggee.seenBy(hart), frame: there.frame };
  };
}

const SP = 2;

/** @throws {DapError} */
function requiredPart(name: string, parts: Parts): Shown {
  const found = partNamed(name, parts);
  if (found !== undefined) return found;
  throw new DapError("NO_SUCH_REFERENCE", `there is no ${name} among these variables`);
}
