/** Where the lines of a function begin that a step may end at. */
import type { Names } from "../../past/names/names.js";
import type { FunctionCode, SourceLine } from "../../past/names/name-source.js";
import { Recent } from "../../past/names/recent.js";
import type { Activation } from "./activation.js";

/** Where a function begins it has no frame yet, and its parameters are nowhere: it is no line of its own. */
export function lineBeginsOf({ code }: Pick<Activation, "code">): readonly bigint[] {
  if (code === undefined) return [];
  const { lineBegins, entry, isAssembly = false } = code;
  return isAssembly || lineBegins.length === 1 ? lineBegins : lineBegins.filter((address) => address !== entry);
}

/** Those whose lines are wanted. */
export const lineBeginsWhere = (
  { code }: Activation,
  names: Names,
  isWanted: (lines: readonly SourceLine[]) => boolean,
): readonly bigint[] =>
  code === undefined ? [] : linesOf(code, names).flatMap(({ address, lines }) => (isWanted(lines) ? [address] : []));

interface LineBegin {
  readonly address: bigint;
  readonly lines: readonly SourceLine[];
}

/** Each step asks for all of its function, and goes on in the same one. */
const read = new WeakMap<Names, Recent<bigint, readonly LineBegin[]>>();
/** Of all functions together. */
const KEPT_LINES = 1 << 14;

function linesOf(code: FunctionCode, names: Names): readonly LineBegin[] {
  const recent = read.get(names) ?? new Recent<bigint, readonly LineBegin[]>(KEPT_LINES);
  read.set(names, recent);
  const make = (): readonly LineBegin[] =>
    lineBeginsOf({ code }).map((address) => ({ address, lines: names.linesAt(address) }));
  return recent.get(code.entry, make, ({ length }) => length);
}
