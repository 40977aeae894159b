/** How many elements an array has, by dimension (DWARF 5, sections 5.5 and 5.13). */
import { AT, TAG } from "../entries/constants.js";
import type { Entry } from "../entries/unit.js";

/** C allows some; a hostile file could have one for each byte. */
export const MAX_DIMENSIONS = 64;

/** At least one; undefined: it is not told, or only the running program knows it. @throws {DwarfError} */
export function arrayLengths(array: Entry): readonly (number | undefined)[] {
  const lengths: (number | undefined)[] = [];
  for (const child of array.children()) {
    if (child.tag !== TAG.subrange_type && child.tag !== TAG.enumeration_type) continue;
    if (lengths.length === MAX_DIMENSIONS)
      throw array.unit.error(array.offset, "an array has too many dimensions", "TOO_LARGE");
    lengths.push(lengthOf(child));
  }
  return lengths.length === 0 ? [undefined] : lengths;
}

function lengthOf(range: Entry): number | undefined {
  const count = range.number(AT.count);
  if (count !== undefined) return count;
  const bound = range.attribute(AT.upper_bound);
  if (bound?.kind !== "constant") return undefined;
  // An array of no elements has the bound -1, in as many bits as were written.
  const isNone = bound.bits >= 32 && BigInt.asIntN(bound.bits, bound.value) === -1n;
  return isNone ? 0 : Number(bound.value) + 1;
}
