/** Where the lines of a function begin that a step may end at. */
import type { Names } from "../../past/names/names.js";
import type { SourceLine } from "../../past/names/name-source.js";
import type { Activation } from "./activation.js";

/** Where a function begins it has no frame yet, and its parameters are nowhere: it is no line of its own. */
export function lineBeginsOf({ code }: Pick<Activation, "code">): readonly bigint[] {
  if (code === undefined) return [];
  const { lineBegins, entry } = code;
  return lineBegins.length === 1 ? lineBegins : lineBegins.filter((address) => address !== entry);
}

/** Those whose lines are wanted. */
export const lineBeginsWhere = (
  activation: Activation,
  names: Names,
  isWanted: (lines: readonly SourceLine[]) => boolean,
): readonly bigint[] => lineBeginsOf(activation).filter((address) => isWanted(names.linesAt(address)));
