// Where parameters and results are, by the examples and rules of the RISC-V ELF psABI specification.
import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  conventionOf,
  MAX_ARGUMENT_BYTES,
  MAX_PARAMETERS,
  type Passed,
} from "../../../../src/streams/past/names/calling-convention.js";
import { neededFor, parametersReader } from "../../../../src/streams/past/names/passed-values.js";
import type { FunctionType, Member, Type } from "../../../../src/streams/past/names/type.js";

const integer = (bytes: number, isSigned = false): Type => ({ kind: "integer", name: "int", bytes, isSigned });
const float = (bytes: number): Type => ({ kind: "float", name: "float", bytes, isSigned: true });
const VOID: Type = { kind: "void" };

function struct(
  bytes: number,
  ...members: readonly (readonly [offset: number, type: Type, widthBits?: number])[]
): Type {
  const all = members.map(([offset, type, widthBits], index): Member => ({
    name: `m${String(index)}`,
    offsetBits: 8 * offset,
    widthBits,
    type: () => type,
  }));
  return { kind: "structure", name: "s", bytes, members: () => all };
}

const union = (bytes: number, type: Type): Type => ({ ...(struct(bytes, [0, type]) as object), kind: "union" }) as Type;

const taking = (parameters: readonly Type[], result: Type = VOID, floatRegisterBytes = 8): FunctionType => ({
  kind: "function",
  parameters: () => parameters.map((type, index) => ({ name: `p${String(index)}`, type: () => type })),
  result: () => result,
  floatRegisterBytes,
});

const where = ({ carriers, isByReference }: Passed): string =>
  `${isByReference ? "*" : ""}${carriers.map((carrier) => `${carrier.in}${String(carrier.index)}`).join("+")}`;
const places = (...given: Parameters<typeof taking>): string =>
  conventionOf(taking(...given))
    .parameters.map(where)
    .join(" ");
const resultOf = (type: Type, floatBytes?: number): string | undefined => {
  const { result } = conventionOf(taking([], type, floatBytes));
  return result && where(result);
};

const LONG = integer(8);
const DOUBLE = float(8);

test("given integers, then they are in a0 to a7, and then on the stack", () => {
  assert.is(places(Array.from({ length: 10 }, () => LONG)), "a0 a1 a2 a3 a4 a5 a6 a7 stack0 stack1");
});

test("given floats, then they are in fa0 to fa7, then in integer registers; without such registers, in a0 on", () => {
  assert.is(places([LONG, DOUBLE, float(4), LONG]), "a0 fa0 fa1 a1");
  assert.is(places(Array.from({ length: 9 }, () => DOUBLE)), "fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 a0");
  assert.is(places([LONG, DOUBLE, LONG], VOID, 0), "a0 a1 a2");
  assert.is(places([DOUBLE, float(4)], VOID, 4), "a0 fa0");
});

test("given values of two words, then they are in two registers, or half on the stack, or aligned there", () => {
  const wide = integer(16);
  assert.is(places([LONG, wide, LONG]), "a0 a1+a2 a3");
  const seven = Array.from({ length: 7 }, () => LONG);
  assert.is(places([...seven, wide]), "a0 a1 a2 a3 a4 a5 a6 a7+stack0");
  assert.is(places([...seven, LONG, LONG, wide, LONG]), "a0 a1 a2 a3 a4 a5 a6 a7 stack0 stack2+stack3 stack4");
});

test("given structures, then small ones are in registers, with their floats, and large ones by reference", () => {
  assert.is(places([struct(4, [0, integer(2)], [2, integer(2)])]), "a0");
  assert.is(places([struct(16, [0, LONG], [8, LONG]), LONG]), "a0+a1 a2");
  assert.is(places([struct(24, [0, LONG], [8, LONG], [16, LONG]), LONG]), "*a0 a1");
  assert.is(places([struct(16, [0, DOUBLE], [8, DOUBLE])]), "fa0+fa1");
  assert.is(places([struct(16, [0, integer(4)], [8, DOUBLE])]), "a0+fa0");
  assert.is(places([struct(8, [0, struct(8, [0, DOUBLE])])]), "fa0");
  assert.is(places([struct(12, [0, float(4)], [4, float(4)], [8, float(4)])]), "a0+a1");
  assert.is(places([union(8, DOUBLE)]), "a0");
  assert.is(places([{ kind: "array", element: () => DOUBLE, length: 0 }, LONG]), "a0");
});

test("given what can't be placed, then it and what comes behind it are left out", () => {
  assert.is(places([LONG, struct(16, [0, integer(4), 3], [8, DOUBLE]), LONG]), "a0");
  assert.is(places([LONG, VOID, LONG]), "a0");
});

test("given results, then they are in a0, fa0, both words, or where a hidden first parameter points", () => {
  assert.is(resultOf(VOID), undefined);
  assert.is(resultOf(integer(4, true)), "a0");
  assert.is(resultOf(DOUBLE), "fa0");
  assert.is(resultOf(DOUBLE, 0), "a0");
  assert.is(resultOf(struct(16, [0, LONG], [8, LONG])), "a0+a1");
  const large = struct(24, [0, LONG], [8, LONG], [16, LONG]);
  assert.is(resultOf(large), "*a0");
  assert.is(places([LONG], large), "a1");
});

test("given more parameters than are looked at, and a structure that is too large, then they are left out", () => {
  const many = conventionOf(taking(Array.from({ length: MAX_PARAMETERS + 1 }, () => LONG)));
  assert.is(many.parameters.length, MAX_PARAMETERS);
  const sized = (bytes: number): Type => struct(bytes, [0, LONG], [8, LONG], [16, LONG]);
  assert.is(places([sized(MAX_ARGUMENT_BYTES), sized(MAX_ARGUMENT_BYTES + 1), LONG]), "*a0 a2");
  assert.is(resultOf(sized(MAX_ARGUMENT_BYTES + 1)), undefined);
});

test("given what a hart has at a call, then parameters have their types' values, and what is not mapped is left out", () => {
  const large = struct(24, [0, LONG], [8, LONG], [16, LONG]);
  const parameters = [integer(4, true), DOUBLE, integer(1), large, large, struct(16, [0, float(4)], [8, LONG])];
  const convention = conventionOf(taking(parameters));
  assert.equal(neededFor(convention.parameters), {
    fa: true,
    stackWords: 0,
    memory: [
      { in: "a", index: 2, bytes: 24 },
      { in: "a", index: 3, bytes: 24 },
    ],
  });
  const bytes = Uint8Array.from({ length: 24 }, (_, index) => (index % 8 === 0 ? index / 8 + 1 : 0));
  const a = [0xffff_ffffn, 0x1ffn, 1n, 2n, 77n, 0n, 0n, 0n];
  const fa = [0x3ff8_0000_0000_0000n, 0xffff_ffff_4020_0000n];
  assert.equal(parametersReader(convention)({ a, fa, stack: [], memory: [bytes, undefined] }), {
    p0: -1n,
    p1: 1.5,
    p2: 0xffn,
    p3: { m0: 1n, m1: 2n, m2: 3n },
    p5: { m0: 2.5, m1: 77n },
  });
});

test.run();
