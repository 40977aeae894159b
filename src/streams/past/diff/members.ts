/** In what two values of plain data differ, member by member: devices, clocks, configurations. */
import { plain, type Difference, type DifferenceKind } from "./difference.js";

/** Lists of the same length item by item, others as a whole. What is one object is not looked into. */
export function* memberDifferences(kind: DifferenceKind, name: string, a: unknown, b: unknown): Generator<Difference> {
  if (Object.is(a, b)) return;
  const [inA, inB] = [membersOf(a), membersOf(b)];
  const isList = Array.isArray(a);
  if (inA === undefined || inB === undefined || isList !== Array.isArray(b) || (isList && inA.size !== inB.size)) {
    if (!isSame(a, b)) yield Object.freeze({ kind, name, a: plain(a), b: plain(b) });
    return;
  }
  for (const member of new Set([...inA.keys(), ...inB.keys()])) {
    yield* memberDifferences(kind, name === "" ? member : `${name}.${member}`, inA.get(member), inB.get(member));
  }
}

const membersOf = (value: unknown): ReadonlyMap<string, unknown> | undefined =>
  typeof value === "object" && value !== null && !(value instanceof Uint8Array)
    ? new Map<string, unknown>(Object.entries(value))
    : undefined;

const isSame = (a: unknown, b: unknown): boolean =>
  a instanceof Uint8Array && b instanceof Uint8Array
    ? a.length === b.length && a.every((byte, index) => byte === b[index])
    : a === b;
