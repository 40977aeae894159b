/** The variables of a call, with their parts, and which of them changed. */
import { scopesOf } from "../../src/streams/session/dap/data/scopes.js";
import type { Parts, Shown, View } from "../../src/streams/session/dap/data/shown.js";
import type { StackFrame } from "../../src/streams/past/stack.js";
import type { MomentAnswer, VariableRow } from "../protocol.js";
import type { Looking } from "./looking.js";

/** Of one scope, and of each variable: what is longer is asked for as memory. */
const VARIABLES_SHOWN = 200;
const PARTS_SHOWN = 64;
const DEPTH_SHOWN = 2;

type Scopes = Pick<MomentAnswer, "variables" | "globals">;

/** `before`: the same call in the moment that it is compared with. */
export function variableRows({ names, at, before, frame }: Looking, earlier: StackFrame | undefined): Scopes {
  if (frame === undefined) return { variables: [], globals: [] };
  const now = scopes({ names, at, frame });
  const then = before && earlier ? scopes({ names, at: before, frame: earlier.frame }) : undefined;
  return {
    variables: marked(now.locals, then?.locals),
    globals: marked(now.globals, then?.globals),
  };
}

interface Row extends Omit<VariableRow, "isChanged" | "parts"> {
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

const rowOf = ({ name, value, type, evaluateName, parts }: Shown, depth: number): Row => ({
  name,
  type: type ?? null,
  text: value,
  place: evaluateName ?? null,
  parts: depth < DEPTH_SHOWN ? rowsOf(parts, depth + 1) : [],
});

function marked(rows: readonly Row[], earlier: readonly Row[] | undefined): readonly VariableRow[] {
  const before = new Map(earlier?.map((row) => [row.name, row]));
  return rows.map((row) => {
    const was = before.get(row.name);
    return { ...row, isChanged: was !== undefined && was.text !== row.text, parts: marked(row.parts, was?.parts) };
  });
}
