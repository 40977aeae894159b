/** A new value of what is shown, as the events that a debugger's write is. */
import { hartOf } from "../../../../machine/inspect.js";
import { integerRegister, floatRegister } from "../../../../machine/isa/registers.js";
import { bytesOfInteger, integerOf } from "../../../../machine/little-endian.js";
import { findRegister } from "../../../../machine/named-registers.js";
import type { DebuggerEvent } from "../../../../reducers/debugger.js";
import { placeBytes } from "../../../past/names/expression/at-place.js";
import { Expression } from "../../../past/names/expression/index.js";
import { FIRST_FLOAT_REGISTER } from "../../../past/names/frame.js";
import { PlaceError } from "../../../past/names/place-error.js";
import { bytesOf, isSigned, nameOf, plain } from "../../../past/names/type-layout.js";
import type { Type } from "../../../past/names/type.js";
import { memoryWrites, registerWrite } from "../../debugger-writes.js";
import type { Target, View } from "./shown.js";

/** `text`: a number, an expression, an enumerator, a character in quotes, true or false. @throws {PlaceError} */
export function writesOf({ place, type, view }: Target, text: string): readonly DebuggerEvent[] {
  const { location, bits } = place;
  if (location.kind === "named")
    return [registerWrite(hartOf(view.at), location.register, registerValue(location.register, text, view))];
  if (type === undefined) throw new PlaceError("NOT_A_PLACE", "nothing tells how large it is");
  const value = valueIn(type, text, view, bits?.width);
  if (location.kind === "memory") {
    const old = placeBytes(type, place, view.frame);
    const size = bits === undefined ? bytesOf(type) : (old?.length ?? 0);
    const whole = bits === undefined ? value : withBits(integerOf(old ?? new Uint8Array(0)), bits, value);
    return memoryWrites(view.at, location.address, bytesOfInteger(BigInt.asUintN(8 * size, whole), size));
  }
  if (location.kind === "register") {
    if (view.frame.isCaller === true) {
      throw new PlaceError(
        "NOT_A_PLACE",
        "it is in a register that what was called keeps: go on to where that returns",
      );
    }
    const old = view.frame.register(location.register) ?? 0n;
    const whole = bits === undefined ? extended(type, value) : withBits(old, bits, value);
    return [registerWrite(hartOf(view.at), nameOfRegister(location.register), whole)];
  }
  throw new PlaceError("NOT_A_PLACE", "it is in several places, or only a value: nothing can be written there");
}

const nameOfRegister = (number: number): string =>
  number < FIRST_FLOAT_REGISTER ? integerRegister(number) : floatRegister(number - FIRST_FLOAT_REGISTER);

/** What is read of it has the width of its type; above that, a register has what the ABI says. */
const extended = (type: Type, value: bigint): bigint => {
  const bits = 8 * bytesOf(type);
  // A single is boxed in ones.
  if (plain(type).kind === "float") return bits === 32 ? value | (0xffff_ffffn << 32n) : value;
  // Integers of 32 bits are extended by their sign, also unsigned ones (RISC-V ABIs specification, §2.1).
  return isSigned(type) || bits === 32 ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
};

function withBits(
  old: bigint,
  { offset, width }: { readonly offset: number; readonly width: number },
  value: bigint,
): bigint {
  const mask = ((1n << BigInt(width)) - 1n) << BigInt(offset);
  return (old & ~mask) | ((value << BigInt(offset)) & mask);
}

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$|^[-+]?(?:Infinity|NaN)$/i;

/** As the bits that the type has. @throws {PlaceError} */
function valueIn(type: Type, text: string, view: View, width = 8 * bytesOf(type)): bigint {
  const of = plain(type);
  const word = text.trim();
  if (of.kind === "float") return floatBits(word, of.bytes);
  if (of.kind === "enumeration") {
    const found = of.enumerators().find(({ name }) => name === word);
    if (found !== undefined) return found.value;
  }
  if (of.kind === "boolean" && (word === "true" || word === "false")) return word === "true" ? 1n : 0n;
  const [, character] = /^'([^'\\])'$/.exec(word) ?? [];
  if (character !== undefined) return BigInt(character.codePointAt(0) ?? 0);
  const value = new Expression(word).value(view);
  const low = BigInt.asUintN(width, value);
  // An expression has 64 bits: what does not fit is not cut off silently.
  if (value !== low && value !== BigInt.asUintN(64, BigInt.asIntN(width, value))) {
    const place = `${nameOf(type)} of ${String(width)} bits`;
    throw new PlaceError("INVALID_NUMBER", `${word} does not fit into ${place}`);
  }
  return low;
}

/** A floating-point register takes a number with a point as such. */
function registerValue(name: string, text: string, view: View): bigint {
  const isFloat = findRegister(name)?.kind === "f" && /[.en]/i.test(text) && NUMBER.test(text.trim());
  return isFloat ? floatBits(text.trim(), 8) : new Expression(text).value(view);
}

/** @throws {PlaceError} */
function floatBits(text: string, bytes: number): bigint {
  if (!NUMBER.test(text)) throw new PlaceError("INVALID_NUMBER", `${text} is no number, such as 1.5 or -2e10`);
  const view = new DataView(new ArrayBuffer(8));
  if (bytes === 4) {
    view.setFloat32(0, Number(text));
    return BigInt(view.getUint32(0));
  }
  if (bytes !== 8) throw new PlaceError("NOT_A_PLACE", `floats of ${String(bytes)} bytes are not written`);
  view.setFloat64(0, Number(text));
  return view.getBigUint64(0);
}
