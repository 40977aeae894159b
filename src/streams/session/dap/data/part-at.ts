/** The member or the element that lies at an offset of a value. */
import { bytesOf, membersOf, plain } from "../../../past/names/type-layout.js";
import type { Type } from "../../../past/names/type.js";

export interface PartOfType {
  /** `.head`, `[3].next`. */
  readonly name: string;
  readonly type: Type;
}

/** Structures within each other. */
const DEPTH = 16;

/** The one with exactly these bytes; undefined: there is none. Bit fields share theirs. */
export function partAt(type: Type, offset: number, bytes: number, depth = 0): PartOfType | undefined {
  if (offset < 0 || depth > DEPTH) return undefined;
  const of = plain(type);
  if (offset === 0 && bytes === bytesOf(type) && of.kind !== "structure" && of.kind !== "union") {
    return { name: "", type };
  }
  const inner = (name: string, part: Type, at: number): PartOfType | undefined => {
    const found = partAt(part, at, bytes, depth + 1);
    return found && { ...found, name: `${name}${found.name}` };
  };
  if (of.kind === "array") {
    const size = bytesOf(of.element());
    const index = size === 0 ? 0 : Math.floor(offset / size);
    return size === 0 ? undefined : inner(`[${String(index)}]`, of.element(), offset - index * size);
  }
  if (of.kind !== "structure" && of.kind !== "union") return undefined;
  for (const { member, offsetBits } of membersOf(of)) {
    const start = offsetBits / 8;
    const own = member.type();
    if (member.widthBits !== undefined || start > offset || offset + bytes > start + bytesOf(own)) continue;
    const found = inner(`.${member.name}`, own, offset - start);
    if (found !== undefined) return found;
  }
  return undefined;
}
