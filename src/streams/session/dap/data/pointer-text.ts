/** A pointer as gdb prints it: its address, the text or the name that is there. */
import { hexAddress } from "../../../../reducers/hex.js";
import { plain } from "../../../past/names/type-layout.js";
import type { Type } from "../../../past/names/type.js";
import type { View } from "./shown.js";

/** Of a text that is pointed to. */
const TEXT_BYTES = 200;
const CHUNK_BYTES = 16;

export function pointerText(pointer: bigint, type: Type, view: View): string {
  const address = BigInt.asUintN(64, pointer);
  const of = plain(type);
  const target = of.kind === "pointer" ? plain(of.target()) : of;
  const text = target.kind === "character" && target.bytes === 1 ? textAt(address, view) : undefined;
  if (text !== undefined) return `${hexAddress(address)} ${text}`;
  return addressText(address, view);
}

/** `0x80000010 <main+0x4>`. */
export function addressText(address: bigint, { names }: Pick<View, "names">): string {
  const name = names.of(address);
  return name === undefined ? hexAddress(address) : `${hexAddress(address)} <${name}>`;
}

/** In quotes, up to its NUL; undefined: nothing is mapped there. */
function textAt(address: bigint, { frame }: View): string | undefined {
  const bytes: number[] = [];
  while (bytes.length < TEXT_BYTES) {
    const at = address + BigInt(bytes.length);
    // Up to a whole chunk's end, so that a page that is not mapped is met at its beginning.
    const some = frame.read(BigInt.asUintN(64, at), CHUNK_BYTES - Number(at % BigInt(CHUNK_BYTES)));
    if (some === undefined) break;
    const end = some.indexOf(0);
    bytes.push(...(end < 0 ? some : some.subarray(0, end)));
    if (end >= 0) return JSON.stringify(decoded(bytes));
  }
  return bytes.length === 0 ? undefined : `${JSON.stringify(decoded(bytes))}…`;
}

const decoded = (bytes: readonly number[]): string => new TextDecoder("utf-8").decode(Uint8Array.from(bytes));
