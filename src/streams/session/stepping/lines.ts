/** Which lines a step may end at: inlined calls count as calls, though they have no frame of their own. */
import type { SourceLine } from "../../past/names/name-source.js";

/** The innermost inlined call first. */
type Lines = readonly SourceLine[];

/** Of the line itself; the same line in an inlined call is another. */
export const keyOf = (lines: Lines): string | undefined =>
  lines[0] === undefined ? undefined : `${String(lines.length)} ${placeOf(lines[0])}`;

/** Whether it is in the same inlined calls, or in fewer of them. */
export function isNotWithin(lines: Lines, others: Lines): boolean {
  if (lines.length > others.length) return false;
  const outer = others.slice(others.length - lines.length);
  return lines.every(({ function: name, ...place }, index) => {
    const other = outer[index];
    if (other === undefined) return false;
    // Of the innermost it is the line itself; of the others, the place of the call.
    return other.function === name && (index === 0 || placeOf(place) === placeOf(other));
  });
}

const placeOf = ({ file, line }: Pick<SourceLine, "file" | "line">): string => `${file}:${String(line)}`;
