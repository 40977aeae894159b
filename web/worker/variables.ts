/** The variables of a call, with their parts, and which of them changed. */
import { scopesOf } from "../../src/streams/session/dap/data/scopes.js";
import type { Parts, Shown, Target, View } from "../../src/streams/session/dap/data/shown.js";
import { hexAddress } from "../../src/reducers/hex.js";
import { bytesOf } from "../../src/streams/past/names/type-layout.js";
import type { StackFrame } from "../../src/streams/past/stack.js";
import type { MomentAnswer, VariableRow } from "../protocol.js";
import type { Looking } from "./looking.js";

/** Of one scope, and of each variable: what is longer is asked for as memory. */
const VARIABLES_SHOWN = 200;
const PARTS_SHOWN = 64;
const DEPTH_SHOWN = 2;

type Scopes = Pick<MomentAnswer, "variables" | "globals">;

/** `before`: the same call in the moment that it is compared with. */
export function variableRows(
  { names, at, before, frame, isInnermost }: Looking,
  earlier: StackFrame | undefined,
): Scopes {
  if (frame === undefined) return { variables: [], globals: [] };
  const now = scopes({ names, at, frame });
  const then = before && earlier ? scopes({ names, at: before, frame: earlier.frame }) : undefined;
  return {
    variables: marked(isInnermost ? now.locals : now.locals.map(byAddress), then?.locals),
    globals: marked(now.globals, then?.globals),
  };
}

interface Row extends Omit<VariableRow, "isChanged" | "parts"> {
  /** Where it lies in memory, as questions take that; null: elsewhere, or it is more than one value. */
  readonly address: string | null;
  readonly parts: readonly Row[];
}

function scopes(view: View): { readonly locals: readonly Row[]; readonly globals: readonly Row[] } {
  const all = scopesOf(view);
  const of = (hint: string): readonly Row[] => rowsOf(all.find((scope) => scope.hint === hint)?.parts, 0);
  return { locals: of("locals"), globals: of("globals") };
}

const rowsOf = (parts: Parts | undefined, depth: number): readonly Row[] =>
  parts?.list(0, depth === 0 ? VARIABLES_SHOWN : PARTS_SHOWN, { isHex: false }).map((shown) => rowOf(shown, depth)) ??
  [];

const rowOf = ({ name, value, type, evaluateName, place, parts }: Shown, depth: number): Row => ({
  name,
  type: type ?? null,
  text: value,
  place: evaluateName ?? null,
  address: place === undefined ? null : addressOf(place),
  parts: depth < DEPTH_SHOWN ? rowsOf(parts, depth + 1) : [],
});

function addressOf({ place: { location, bits }, type }: Target): string | null {
  if (location.kind !== "memory" || bits !== undefined || type === undefined) return null;
  return `${hexAddress(location.address)}:${String(bytesOf(type))}`;
}

/** A question knows the names of the innermost call alone. */
const byAddress = (row: Row): Row => ({ ...row, place: row.address, parts: row.parts.map(byAddress) });

function marked(rows: readonly Row[], earlier: readonly Row[] | undefined): readonly VariableRow[] {
  const before = new Map(earlier?.map((row) => [row.name, row]));
  return rows.map(({ address: _, ...row }) => {
    const was = before.get(row.name);
    return { ...row, isChanged: was !== undefined && was.text !== row.text, parts: marked(row.parts, was?.parts) };
  });
}
