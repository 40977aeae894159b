/** The requests that set breakpoints. */
import { anyObject, list, maybe, text, value, whole } from "../../../../options/codecs.js";
import { hexAddress } from "../../../../reducers/hex.js";
import { frameIn } from "../../../past/names/frame.js";
import { locateInMemory } from "../../../past/names/place.js";
import type { Scope } from "../../../past/names/expression/index.js";
import { stopPointAt, type NewStopPoint, type StopKind, type StopPlace } from "../../stop-points/stop-point.js";
import { stopsOf } from "../../stepping/step-places.js";
import { partNamed } from "../data/shown.js";
import { DapError } from "../dap-error.js";
import { addressOf } from "../data/memory.js";
import type { Debuggee } from "../debuggee.js";
import { checked, request } from "../request.js";
import type { DapRequests, DapSession } from "../session.js";
import { CountedHits } from "../breakpoints/counted.js";
import { EXCEPTION_FILTERS } from "../breakpoints/exceptions.js";
import { OWN_REQUESTS, type LogsArguments } from "../own-requests.js";
import { logsOf } from "../breakpoints/logs.js";
import { hitCondition } from "../breakpoints/hit-condition.js";
import { logText } from "../breakpoints/log-message.js";
import type { Wanted } from "../breakpoints/points-set.js";
import { functionPlace, linePlace, linesOf } from "../breakpoints/source-breakpoints.js";

/** What all breakpoints may have. */
interface Conditions {
  readonly condition?: string;
  readonly hitCondition?: string;
  readonly logMessage?: string;
}
const CONDITIONS = { condition: maybe(text), hitCondition: maybe(text), logMessage: maybe(text) };
const integer = value<number>("a whole number", Number.isSafeInteger);
const LISTED = { breakpoints: maybe(list(anyObject)) };

interface Listed {
  readonly breakpoints?: readonly Record<string, unknown>[];
}

export const BREAKPOINT_REQUESTS: DapRequests = {
  setBreakpoints: request<Listed & { source: { path?: unknown } }>(
    { ...LISTED, source: anyObject },
    (session, { source, breakpoints = [] }) => {
      const { path } = checked<{ path: string }>({ path: text }, source);
      const wanted = breakpoints.map((one) => () => {
        const given = checked<Conditions & { line: number }>({ line: whole, ...CONDITIONS }, one);
        const { line, addresses } = linePlace(session.debuggee, path, given.line);
        const place = `${path.split("/").at(-1) ?? path}:${String(line)}`;
        return wantedAt(session, { kind: "break", place, addresses }, given, { line, source: { path } });
      });
      return { breakpoints: session.points.replace("breakpoint", wanted, path) };
    },
  ),

  setFunctionBreakpoints: request<Listed>(LISTED, (session, { breakpoints = [] }) => {
    const wanted = breakpoints.map((one) => () => {
      const given = checked<Conditions & { name: string }>({ name: text, ...CONDITIONS }, one);
      const addresses = functionPlace(session.debuggee, given.name);
      return wantedAt(session, { kind: "break", place: given.name, addresses }, given, placeShown(session, addresses));
    });
    return { breakpoints: session.points.replace("function breakpoint", wanted) };
  }),

  setInstructionBreakpoints: request<Listed>(LISTED, (session, { breakpoints = [] }) => {
    const wanted = breakpoints.map((one) => () => {
      const given = checked<Conditions & { instructionReference: string; offset?: number }>(
        { instructionReference: text, offset: maybe(integer), ...CONDITIONS },
        one,
      );
      const addresses = [addressOf(given.instructionReference, given.offset)];
      const place = hexAddress(addresses[0] ?? 0n);
      return wantedAt(session, { kind: "break", place, addresses }, given, placeShown(session, addresses));
    });
    return { breakpoints: session.points.replace("instruction breakpoint", wanted) };
  }),

  dataBreakpointInfo: request<{ variablesReference?: number; name: string; frameId?: number; bytes?: number }>(
    { variablesReference: maybe(whole), name: text, frameId: maybe(whole), bytes: maybe(whole) },
    ({ debuggee }, asked) => dataInfo(debuggee, asked),
  ),

  setDataBreakpoints: request<Listed>(LISTED, (session, { breakpoints = [] }) => {
    const wanted = breakpoints.map((one) => () => {
      const given = checked<Conditions & { dataId: string; accessType?: string }>(
        { dataId: text, accessType: maybe(text), ...CONDITIONS },
        one,
      );
      const kind = ACCESSES[given.accessType ?? "write"];
      const [, address, bytes] = DATA_ID.exec(given.dataId) ?? [];
      if (kind === undefined || address === undefined) {
        throw new DapError(
          "NOT_HERE",
          `${given.dataId}, ${given.accessType ?? ""}: ask dataBreakpointInfo for what can be watched`,
        );
      }
      const place = { kind, place: given.dataId, addresses: [BigInt(address)], bytes: Number(bytes) };
      return wantedAt(session, place, given, {});
    });
    return { breakpoints: session.points.replace("data breakpoint", wanted) };
  }),

  [OWN_REQUESTS.logs]: request<LogsArguments>(
    {
      source: maybe(text),
      line: maybe(whole),
      place: maybe(text),
      condition: maybe(text),
      logMessage: text,
      count: maybe(whole),
    },
    async ({ debuggee }, asked) => {
      debuggee.requireStanding();
      return { rows: await logsOf(debuggee, asked) };
    },
  ),

  breakpointLocations: request<{ source: { path?: unknown }; line: number; endLine?: number }>(
    { source: anyObject, line: whole, endLine: maybe(whole) },
    ({ debuggee }, { source, line, endLine = line }) => {
      const { path } = checked<{ path: string }>({ path: text }, source);
      const lines = linesOf(debuggee, path).filter((one) => one >= line && one <= endLine);
      return { breakpoints: lines.map((one) => ({ line: one })) };
    },
  ),

  setExceptionBreakpoints: request<{ filters: readonly string[]; filterOptions?: readonly Record<string, unknown>[] }>(
    { filters: list(text), filterOptions: maybe(list(anyObject)) },
    (session, { filters, filterOptions = [] }) => {
      const options = [...filters.map((filterId) => ({ filterId })), ...filterOptions];
      const wanted = options.map((one) => () => {
        const given = checked<Conditions & { filterId: string }>({ filterId: text, ...CONDITIONS }, one);
        const filter = EXCEPTION_FILTERS.find(({ filter: id }) => id === given.filterId);
        if (filter === undefined) {
          const all = EXCEPTION_FILTERS.map(({ filter: id }) => id).join(", ");
          throw new DapError("NOT_HERE", `there is no filter ${given.filterId}: there are ${all}`);
        }
        const place = { kind: "trap", place: filter.label, addresses: [] } as const;
        return wantedAt(session, place, given, {}, { causes: filter.causes });
      });
      return { breakpoints: session.points.replace("exception", wanted) };
    },
  ),
};

const ACCESSES: Readonly<Record<string, StopKind>> = { write: "watch", read: "rwatch", readWrite: "awatch" };
const DATA_ID = /^(0x[0-9a-f]{1,16}):(\d{1,7})$/;

function dataInfo(
  debuggee: Debuggee,
  asked: {
    readonly variablesReference?: number;
    readonly name: string;
    readonly frameId?: number;
    readonly bytes?: number;
  },
): object {
  const { variablesReference = 0, name, frameId } = asked;
  try {
    const { expression, scope } = expressionOf(debuggee, variablesReference, name, frameId);
    const { address, bytes } = locateInMemory(expression, scope);
    return {
      dataId: `${hexAddress(address)}:${String(asked.bytes ?? bytes)}`,
      description: `${expression} at ${hexAddress(address)}, ${String(asked.bytes ?? bytes)} bytes`,
      accessTypes: Object.keys(ACCESSES),
      canPersist: true,
    };
  } catch (fault) {
    return { dataId: null, description: fault instanceof Error ? fault.message : String(fault) };
  }
}

function expressionOf(
  debuggee: Debuggee,
  reference: number,
  name: string,
  frameId: number | undefined,
): { readonly expression: string; readonly scope: Scope } {
  if (reference === 0) return { expression: name, scope: scopeOf(debuggee, frameId) };
  const { parts, view } = debuggee.parts.get(reference);
  return { expression: partNamed(name, parts)?.evaluateName ?? name, scope: view };
}

/** Of a call that was shown; else of the hart whose turn it is. */
function scopeOf(debuggee: Debuggee, frameId?: number): Scope {
  const { names } = debuggee.target;
  if (frameId === undefined) {
    const at = debuggee.target.present();
    return { names, at, frame: frameIn({ at, names }) };
  }
  const { hart, frame } = debuggee.shown(frameId);
  return { names, at: debuggee.seenBy(hart), frame: frame.frame };
}

function placeShown({ debuggee }: DapSession, [address]: readonly bigint[]): object {
  const line = address === undefined ? undefined : debuggee.target.names.lineAt(address);
  const instruction = address === undefined ? {} : { instructionReference: hexAddress(address) };
  return line === undefined
    ? instruction
    : { ...instruction, source: debuggee.paths.sourceOf(line.file), line: line.line };
}

/** @throws {PlaceError} for a condition that means nothing there */
function wantedAt(
  session: DapSession,
  place: Omit<StopPlace, "condition" | "isOnce">,
  { condition, hitCondition: hits, logMessage }: Conditions,
  shown: object,
  more: Pick<NewStopPoint, "causes"> = {},
): Wanted {
  const { debuggee } = session;
  const { names } = debuggee.target;
  const mapped = stopsOf(debuggee.target).mapped();
  const given = { ...place, condition: condition === "" ? undefined : condition, isOnce: false };
  const point: NewStopPoint = { ...stopPointAt(given, scopeOf(debuggee), mapped), ...more };
  const counted = hits === undefined || hits === "" ? undefined : new CountedHits(hitCondition(hits), point);
  const isWanted: NewStopPoint["isMet"] = (at, icount) => point.isMet(at, icount) && (counted?.isMet(icount) ?? true);
  if (logMessage === undefined || logMessage === "") return { point: { ...point, isMet: isWanted }, counted, shown };
  const isMet: NewStopPoint["isMet"] = (at, icount) => {
    // What is searched backwards says nothing.
    if (debuggee.isGoingForward && isWanted(at, icount)) session.log(logText(logMessage, names, at), icount);
    return false;
  };
  return { point: { ...point, isMet }, counted, shown };
}
