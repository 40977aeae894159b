/** The parts of a variable that cover some of its bytes: members, elements, as C writes them, and their values. */
import { bytesOf, plain as plainType } from "../names/type-layout.js";
import type { Member, Type } from "../names/type.js";
import { valueOfBytes } from "../names/value.js";
import { plain, type PlainValue } from "./difference.js";

export interface Leaf {
  /** Behind the variable's name: `.count`, `.slot[3].next`. */
  readonly path: string;
  /** From the variable's start. */
  readonly offset: number;
  readonly bytes: number;
  /** Its value, of the variable's own bytes. */
  read(variable: Uint8Array): PlainValue;
}

/** A structure in an array in a structure; no program is nested deeper, and damaged information may be a circle. */
export const MAX_TYPE_DEPTH = 32;

/** Those that have a byte from `from` on, before `to`. */
export function* leavesWithin(type: Type, from: number, to: number, at = 0, path = "", depth = 0): Generator<Leaf> {
  const resolved = plainType(type);
  const bytes = bytesOf(resolved);
  if (bytes === 0 || depth > MAX_TYPE_DEPTH || at >= to || at + bytes <= from) return;
  const deeper = depth + 1;
  if (resolved.kind === "structure") {
    let left = bytes;
    for (const member of resolved.members()) {
      const name = member.name === "" ? path : `${path}.${member.name}`;
      const { widthBits, offsetBits } = member;
      if (widthBits !== undefined) {
        yield* bitField(member, name, at, from, to);
        continue;
      }
      const type = member.type();
      // Members that take more than their structure has would multiply at each level.
      if ((left -= bytesOf(type)) < 0) return;
      yield* leavesWithin(type, from, to, at + offsetBits / 8, name, deeper);
    }
  } else if (resolved.kind === "array") {
    yield* elementsWithin(resolved, from, to, at, path, deeper);
  } else {
    yield { path, offset: at, bytes, read: (variable) => read(resolved, variable.subarray(at, at + bytes)) };
  }
}

function* elementsWithin(
  type: Extract<Type, { kind: "array" }>,
  from: number,
  to: number,
  at: number,
  path: string,
  depth: number,
): Generator<Leaf> {
  const element = plainType(type.element());
  const size = bytesOf(element);
  const length = type.length ?? 0;
  if (size === 0 || length === 0) return;
  if (element.kind === "character") {
    const bytes = size * length;
    yield { path, offset: at, bytes, read: (variable) => read(type, variable.subarray(at, at + bytes)) };
    return;
  }
  const first = Math.max(0, Math.floor((from - at) / size));
  const last = Math.min(length - 1, Math.floor((to - 1 - at) / size));
  for (let index = first; index <= last; index += 1) {
    yield* leavesWithin(element, from, to, at + index * size, `${path}[${String(index)}]`, depth);
  }
}

function* bitField(member: Member, path: string, at: number, from: number, to: number): Generator<Leaf> {
  const { offsetBits, widthBits = 0 } = member;
  const [first, end] = [at + Math.floor(offsetBits / 8), at + Math.ceil((offsetBits + widthBits) / 8)];
  if (first >= to || end <= from) return;
  const bits = { offset: offsetBits % 8, width: widthBits };
  yield {
    path,
    offset: first,
    bytes: end - first,
    read: (variable) => read(member.type(), variable.subarray(first, end), bits),
  };
}

/** As people write it: an enumerator by its name, a count as a number. */
function read(type: Type, bytes: Uint8Array, bits?: { readonly offset: number; readonly width: number }): PlainValue {
  const value = valueOfBytes({ type, bits }, bytes);
  const of = plainType(type);
  if (typeof value !== "bigint" || of.kind === "pointer") return plain(value);
  const name = of.kind === "enumeration" ? of.enumerators().find((each) => each.value === value)?.name : undefined;
  return name ?? (Number.isSafeInteger(Number(value)) ? Number(value) : value);
}
