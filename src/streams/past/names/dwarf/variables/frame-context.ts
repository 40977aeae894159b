/** What expressions of a function need of its frame: its base, and what it was called with. */
import { instructionOf } from "../../frame.js";
import type { FrameReader } from "../../name-source.js";
import { AT, TAG } from "../entries/constants.js";
import type { Entry, Unit } from "../entries/unit.js";
import type { CodePlaces } from "../scopes/code-places.js";
import { locationOf, valueOf, type Context, type Expression } from "../values/expression.js";
import { expressionAt } from "../values/location-lists.js";

interface Frame {
  readonly unit: Unit;
  /** Undefined: it is in none, as a global variable. */
  readonly inFunction: Entry | undefined;
  readonly frame: FrameReader;
  readonly places: CodePlaces;
  readonly movedBy: bigint;
  readonly depth: number;
}

export const frameContext = (within: Frame): Context => ({
  unit: within.unit,
  frame: within.frame,
  movedBy: within.movedBy,
  depth: within.depth,
  frameBase: () => frameBaseOf(within),
  entryValue: (expression) => entryValueOf(expression, within),
});

/** DWARF 5, section 3.3.5: what DW_OP_fbreg counts from. */
function frameBaseOf(within: Frame): bigint | undefined {
  const { inFunction, frame, movedBy } = within;
  const expression = inFunction && expressionAt(inFunction, AT.frame_base, instructionOf(frame) - movedBy);
  if (inFunction === undefined || expression === undefined) return undefined;
  // A base that needs a base would never end.
  const context = { ...frameContext({ ...within, unit: inFunction.unit }), frameBase: () => undefined };
  const base = locationOf(expression, context);
  if (base?.kind === "memory") return base.address;
  return base?.kind === "register" ? frame.register(base.register) : undefined;
}

/** DWARF 5, section 2.5.1.7: the caller may tell what it passed, at the place of the call (section 3.4). */
function entryValueOf(expression: Expression, within: Frame): bigint | undefined {
  const { inFunction, places, movedBy } = within;
  const caller = within.frame.caller?.();
  if (caller === undefined || inFunction === undefined) return undefined;
  const returnsTo = caller.pc - movedBy;
  const scopes = places.scopesAt(returnsTo - 1n);
  const call = scopes
    .flatMap(({ entries }) => entries)
    .find(
      (entry) => CALLS.has(entry.tag) && (entry.address(AT.call_return_pc) ?? entry.address(AT.low_pc)) === returnsTo,
    );
  if (call === undefined) return undefined;
  const context = frameContext({
    ...{ unit: call.unit, inFunction: scopes[0]?.entry, frame: caller, places, movedBy },
    depth: within.depth + 1,
  });
  if (!isCallOf(call, inFunction, context)) return undefined;
  for (const parameter of call.children()) {
    const passedIn = parameter.attribute(AT.location);
    if (!PARAMETERS.has(parameter.tag) || passedIn?.kind !== "block") continue;
    if (!areEqual(passedIn.bytes, expression.bytes)) continue;
    const value = parameter.attribute(AT.call_value) ?? parameter.attribute(AT.GNU_call_site_value);
    if (value?.kind !== "block") return undefined;
    return valueOf({ bytes: value.bytes, offset: value.offset, section: call.unit.header.section }, context);
  }
  return undefined;
}

const CALLS: ReadonlySet<number> = new Set([TAG.call_site, TAG.GNU_call_site]);
const PARAMETERS: ReadonlySet<number> = new Set([TAG.call_site_parameter, TAG.GNU_call_site_parameter]);

/** Whether it is this function that is called there: a jump at the end of that one may have led here. */
function isCallOf(call: Entry, callee: Entry, context: Context): boolean {
  const target = call.entry(AT.call_origin) ?? call.entry(AT.abstract_origin);
  if (target !== undefined) {
    const own = new Set([...callee.origins()].map(({ offset }) => offset));
    if ([...target.origins()].some(({ offset }) => own.has(offset))) return true;
    return target.flag(AT.external) && nameOf(target) !== undefined && nameOf(target) === nameOf(callee);
  }
  const computed = call.attribute(AT.call_target) ?? call.attribute(AT.GNU_call_site_target);
  if (computed?.kind !== "block") return false;
  const section = call.unit.header.section;
  const address = valueOf({ bytes: computed.bytes, offset: computed.offset, section }, context);
  return address !== undefined && address - context.movedBy === callee.address(AT.low_pc);
}

const nameOf = (entry: Entry): string | undefined =>
  entry.ofOrigins((origin) => origin.text(AT.linkage_name) ?? origin.text(AT.name));

const areEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);
