/** The values of an enumeration (DWARF 5, section 5.7). */
import { AT, TAG } from "../entries/constants.js";
import type { Entry } from "../entries/unit.js";

export const enumeratorsOf = (
  enumeration: Entry,
  bytes: number,
  isSigned: boolean,
): readonly { readonly name: string; readonly value: bigint }[] =>
  [...enumeration.children()]
    .filter(({ tag }) => tag === TAG.enumerator)
    .map((entry) => ({ name: entry.text(AT.name) ?? "", value: valueOf(entry, Math.min(bytes, 16) * 8, isSigned) }));

function valueOf(entry: Entry, bits: number, isSigned: boolean): bigint {
  const written = entry.attribute(AT.const_value);
  if (written?.kind !== "constant") return 0n;
  // Data forms are unsigned unless they are as wide as the type.
  if (!isSigned) return BigInt.asUintN(bits, written.value);
  return written.bits >= bits ? BigInt.asIntN(bits, written.value) : written.value;
}
