/** What an expression of a client stands for, in a call. */
import { readRegister } from "../../../../machine/named-registers.js";
import { hexAddress } from "../../../../reducers/hex.js";
import { Expression, type Operand } from "../../../past/names/expression/index.js";
import { PlaceError } from "../../../past/names/place-error.js";
import { registerNamed } from "../../../past/names/registers.js";
import { nameOf, plain } from "../../../past/names/type-layout.js";
import { valueText } from "../../../past/names/value.js";
import { addressText, pointerText } from "./pointer-text.js";
import { registerShown } from "./registers.js";
import type { Shown, ValueFormat, View } from "./shown.js";
import { partsOfTarget, shownValue } from "./value.js";

/** `count,x` is in hexadecimal, `count,d` in decimal. */
const FORMATTED = /^(?<expression>.*\S)\s*,\s*(?<letter>[xd])\s*$/s;

/** @throws {PlaceError} */
export function evaluated(text: string, view: View, given: ValueFormat): Shown {
  const { expression = text.trim(), letter } = FORMATTED.exec(text)?.groups ?? {};
  const format = letter === undefined ? given : { isHex: letter === "x" };
  const operand = new Expression(expression).in(view);
  const { place, type, symbol } = operand;
  if (symbol !== undefined) return ofSymbol(expression, symbol, view);
  if (place !== undefined && type !== undefined) {
    return shownValue(expression, { type, place }, { view, format, expression });
  }
  if (place?.location.kind === "register" || place?.location.kind === "named")
    return ofRegister(expression, operand, view);
  return computed(expression, view, format);
}

/** Nothing tells a type: it stands for its address. */
function ofSymbol(expression: string, { address, sizeBytes }: NonNullable<Operand["symbol"]>, view: View): Shown {
  const size = sizeBytes === 0n ? "" : `, ${String(sizeBytes)} bytes`;
  return {
    name: expression,
    value: `${addressText(address, view)}${size}`,
    evaluateName: expression,
    memoryReference: hexAddress(address),
    isReadOnly: true,
  };
}

function ofRegister(expression: string, operand: Operand, view: View): Shown {
  const name = expression.replace(/^\$/, "");
  const register = registerNamed(name);
  const value = operand.place?.location.kind === "named" ? readRegister(view.at, register) : operand.read();
  if (name === "pc") return registerShown(name, view.frame.pc, view);
  if (typeof value !== "bigint")
    throw new PlaceError("CANNOT_ACCESS", `${expression} is not kept by what this call called`);
  return registerShown(name, value, view);
}

/** It lies nowhere. @throws {PlaceError} */
function computed(expression: string, view: View, format: ValueFormat): Shown {
  const parsed = new Expression(expression);
  const value = parsed.value(view);
  const { isSigned, type } = parsed.in(view);
  const of = type && plain(type);
  const common = { name: expression, evaluateName: expression, memoryReference: hexAddress(value), isReadOnly: true };
  if (type !== undefined && of?.kind === "pointer") {
    return {
      ...common,
      value: pointerText(value, type, view),
      type: nameOf(type),
      parts: partsOfTarget(value, of.target(), view, expression),
    };
  }
  const whole = type ?? { kind: "integer", name: isSigned ? "long" : "unsigned long", bytes: 8, isSigned };
  return {
    ...common,
    value: valueText(isSigned ? BigInt.asIntN(64, value) : value, whole, format.isHex),
    type: nameOf(whole),
  };
}
