/** What an expression stands for in a state. */
import type { Inspected } from "../../../../machine/inspect.js";
import { nearestWords, orList } from "../../../../options/nearest.js";
import { frameIn, instructionOf } from "../frame.js";
import type { FrameReader, Location } from "../name-source.js";
import type { Names } from "../names.js";
import { PlaceError } from "../place-error.js";
import { findRegister, readRegister, type Register } from "../../../../machine/named-registers.js";
import { registerNamed } from "../registers.js";
import {
  bytesOf,
  isSigned as isSignedType,
  isStructure,
  memberNames,
  memberOf,
  nameOf,
  plain,
} from "../type-layout.js";
import type { Type } from "../type.js";
import { integerType, isIntegerWord } from "./c-types.js";
import { memberPlace, operandAt } from "./at-place.js";
import type { NamedType, Node } from "./node.js";
import { isScalar, isValue, pointerTo, strideOf, targetOf, UNSIGNED, type Operand, type PlaceOf } from "./operand.js";
import { BINARY, hasValue, type Value } from "./operators.js";

/** Where names get their meaning. What it takes is asked for when a name needs it: a global one needs no state. */
export interface Scope {
  readonly names: Names;
  readonly at: Inspected;
  /** The frame whose variables are meant: the one that the hart executes in where it is left out. */
  readonly frame?: FrameReader | undefined;
  /** Variables of functions are not meant: no frame is. */
  readonly isGlobal?: boolean;
}

/** @throws {PlaceError} where it has a name that is not there. A value is read when it is asked for. */
export const evaluate = (node: Node, scope: Scope): Operand => new Evaluation(scope).of(node);

class Evaluation {
  private readonly frame: FrameReader;

  constructor(private readonly scope: Scope) {
    this.frame = frameIn(scope);
  }

  of(node: Node): Operand {
    switch (node.kind) {
      case "number":
        return { read: () => node.value, isSigned: node.value >> 63n === 0n };
      case "register":
        return this.register(node.name, registerNamed(node.name));
      case "name":
        return this.named(node.name);
      case "member":
        return this.member(this.of(node.of), node.name, node.isArrow);
      case "index":
        return this.dereferenced(this.added(this.of(node.of), this.of(node.index), "+"), node);
      case "unary":
        return unary(node.operator, this.of(node.of));
      case "dereference":
        return this.dereferenced(this.of(node.of), node);
      case "address":
        return addressOf(this.of(node.of));
      case "cast":
        return this.cast(node.type, this.of(node.of));
      case "binary":
        return this.added(this.of(node.left), this.of(node.right), node.operator);
    }
  }

  private register(name: string, register: Register): Operand {
    const index = register.kind === "x" ? register.index : register.kind === "f" ? register.index + 32 : undefined;
    const location: PlaceOf["location"] =
      index === undefined ? { kind: "named", register: name } : { kind: "register", register: index };
    const read = (): Value => {
      if (register.kind === "pc" && this.scope.isGlobal !== true) return this.frame.pc;
      return (index === undefined ? readRegister(this.scope.at, register) : this.frame.register(index)) ?? "unmapped";
    };
    return { read, isSigned: false, place: { location } };
  }

  /** A variable, a symbol, or a register without its $. */
  private named(name: string): Operand {
    const { names, isGlobal = false } = this.scope;
    const variable = isGlobal
      ? names.variable(name)
      : names.variable(name, instructionOf(this.frame), this.frame.within);
    if (variable !== undefined) {
      const location = variable.locate(this.frame);
      if (location !== undefined) return operandAt(variable.type, { location }, this.frame, true);
      throw new PlaceError("CANNOT_ACCESS", `${name} has no value here: it was optimized away`);
    }
    if (names.has(name)) {
      const symbol = names.named(name);
      return { read: () => symbol.address, isSigned: false, symbol };
    }
    const dot = name.lastIndexOf(".");
    if (dot > 0) return this.member(this.named(name.slice(0, dot)), name.slice(dot + 1), false);
    const register = findRegister(name);
    if (register === undefined) throw names.missing(name);
    return this.register(name, register);
  }

  private member(of: Operand, name: string, isArrow: boolean): Operand {
    // gdb takes a dot for an arrow, too.
    const target = of.type === undefined ? undefined : isStructure(of.type) ? of.type : targetOf(of.type);
    const structure = target && plain(target);
    if (structure?.kind !== "structure" && structure?.kind !== "union") {
      const what = of.symbol?.name ?? (of.type === undefined ? "a number" : nameOf(of.type));
      throw new PlaceError(
        "NO_SUCH_MEMBER",
        `${what} has no members that are known, so none is called ${name}; give --symbols a file with its types (gcc -g)`,
      );
    }
    const found = memberOf(structure, name);
    if (found === undefined) {
      const near = orList(nearestWords(name, memberNames(structure)));
      throw new PlaceError("NO_SUCH_MEMBER", `${nameOf(structure)} has no member ${name}; nearest are ${near}`);
    }
    const isInPlace = of.type !== undefined && isStructure(of.type);
    if (isArrow && isInPlace) throw new PlaceError("INVALID_EXPRESSION", `write .${name}: it is no pointer`);
    const base = isInPlace ? of.place : { location: memoryAt(of, nameOf(structure)) };
    if (base === undefined) throw new PlaceError("NOT_A_PLACE", `${name} is a member of what lies nowhere`);
    return operandAt(found.member.type(), memberPlace(base, found), this.frame, true);
  }

  private dereferenced(of: Operand, node: Node): Operand {
    const { symbol } = of;
    if (symbol !== undefined) {
      const type = UNSIGNED[Number(symbol.sizeBytes)];
      if (type !== undefined)
        return operandAt(type, { location: { kind: "memory", address: symbol.address } }, this.frame);
    }
    // It is known what `*name` reads of a variable without a type. With one it reads the same.
    if (of.isDeclared === true && of.place !== undefined && targetOf(of.type) === undefined) return of;
    const target = targetOf(of.type);
    if (target === undefined || plain(target).kind === "void") {
      const what = node.kind === "index" ? "its elements have no type" : "say what is there";
      throw new PlaceError("INVALID_EXPRESSION", `${what}, such as *(int *)0x80001000 or *(unsigned long *)$sp`);
    }
    return operandAt(target, { location: memoryAt(of, `*${nameOf(target)}`) }, this.frame, of.isDeclared);
  }

  private cast({ words, pointers }: NamedType, of: Operand): Operand {
    let type = this.typeOf(words);
    for (let depth = 0; depth < pointers; depth += 1) type = pointerTo(type);
    if (!isScalar(type))
      throw new PlaceError("INVALID_EXPRESSION", `a value can't become a ${nameOf(type)}; cast to a pointer`);
    const bits = bytesOf(type) * 8;
    const isSigned = isSignedType(type);
    const read = (): Value => {
      const value = of.read();
      if (!hasValue(value)) return value;
      return BigInt.asUintN(64, isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
    };
    return { read, isSigned, type, isComputed: isValue(of) };
  }

  private typeOf(words: readonly string[]): Type {
    const [first = ""] = words;
    if (isIntegerWord(first)) return integerType(words);
    const type = this.scope.names.typeNamed(words.join(" "));
    if (type !== undefined) return type;
    throw new PlaceError(
      "NO_SUCH_NAME",
      `there is no ${words.join(" ")} among the types; C's integers and stdint.h's are always there`,
    );
  }

  /** Adding to a pointer counts in what it points at. */
  private added(left: Operand, right: Operand, operator: string): Operand {
    const compute = BINARY[operator];
    if (compute === undefined) throw new PlaceError("INVALID_EXPRESSION", `there is no operator ${operator}`);
    for (const { type } of [left, right]) requireInteger(type);
    const isComputed = isValue(left) || isValue(right);
    const operation = (a: Operand, b: Operand): Operand => ({ ...compute(a, b), isComputed });
    const isAdding = operator === "+" || operator === "-";
    const [stride, other] = [strideOf(left.type), strideOf(right.type)];
    if (isAdding && targetOf(left.type) !== undefined && targetOf(right.type) === undefined) {
      return { ...operation(left, scaled(right, stride)), type: pointerOf(left), isDeclared: left.isDeclared ?? false };
    }
    if (operator === "+" && targetOf(right.type) !== undefined && targetOf(left.type) === undefined) {
      return { ...operation(scaled(left, other), right), type: pointerOf(right) };
    }
    return operation(left, right);
  }
}

/** @throws {PlaceError} */
function requireInteger(type: Type | undefined): void {
  if (type === undefined || plain(type).kind !== "float") return;
  throw new PlaceError(
    "INVALID_EXPRESSION",
    `nothing is computed with a ${nameOf(type)} here, but with integers; (unsigned long) makes its bits one`,
  );
}

const pointerOf = ({ type }: Operand): Type | undefined => {
  const target = targetOf(type);
  return target === undefined ? undefined : pointerTo(target);
};

const scaled = (of: Operand, by: bigint): Operand => ({
  isSigned: of.isSigned,
  read: () => {
    const value = of.read();
    return hasValue(value) ? BigInt.asUintN(64, value * by) : value;
  },
});

/** @throws {PlaceError} where the pointer can't be read */
function memoryAt(pointer: Operand, what: string): Location {
  const address = pointer.read();
  if (hasValue(address)) return { kind: "memory", address };
  throw new PlaceError("CANNOT_ACCESS", `${what} has no value here: it reads memory where nothing is mapped`);
}

/** Of what has no type, it is what it stands for anyway. */
function addressOf(of: Operand): Operand {
  if (of.symbol !== undefined) return of;
  const { place, type } = of;
  if (place?.location.kind !== "memory" || type === undefined) {
    throw new PlaceError("NOT_A_PLACE", "& wants what lies in memory: a name, a member or an element");
  }
  const { address } = place.location;
  return { read: () => address, isSigned: false, type: pointerTo(type) };
}

function unary(operator: "-" | "+" | "~" | "!", of: Operand): Operand {
  const change = UNARY[operator];
  requireInteger(of.type);
  return {
    isSigned: operator === "!" || of.isSigned,
    isComputed: isValue(of),
    read: () => {
      const value = of.read();
      return hasValue(value) ? BigInt.asUintN(64, change(value)) : value;
    },
  };
}

const UNARY = {
  "-": (value: bigint) => -value,
  "+": (value: bigint) => value,
  "~": (value: bigint) => ~value,
  "!": (value: bigint) => (value === 0n ? 1n : 0n),
} as const;
