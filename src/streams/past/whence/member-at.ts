/** The name of what lies at an offset in a variable, by its type. */
import { bytesOf, MAX_NESTED, plain } from "../names/type-layout.js";
import type { Type } from "../names/type.js";

/** `.count`, `[3].name`, or empty for the whole of it; undefined: no member has just these bytes. */
export function memberAt(type: Type, offset: number, bytes: number, depth = 0): string | undefined {
  if (offset === 0 && bytesOf(type) === bytes) return "";
  const of = plain(type);
  if (depth > MAX_NESTED) return undefined;
  if (of.kind === "array") {
    const element = of.element();
    const size = bytesOf(element);
    if (size === 0) return undefined;
    const index = Math.floor(offset / size);
    const inner = memberAt(element, offset - index * size, bytes, depth + 1);
    return inner === undefined ? undefined : `[${String(index)}]${inner}`;
  }
  if (of.kind !== "structure" && of.kind !== "union") return undefined;
  for (const member of of.members()) {
    const from = offset - member.offsetBits / 8;
    if (member.widthBits !== undefined || from < 0 || from + bytes > bytesOf(member.type())) continue;
    const inner = memberAt(member.type(), from, bytes, depth + 1);
    if (inner !== undefined) return member.name === "" ? inner : `.${member.name}${inner}`;
  }
  return undefined;
}
