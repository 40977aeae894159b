// What stands for a number: C's operators and their precedence, names, registers and memory, and what is none.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { readElfSymbols } from "../../../../src/machine/elf.js";
import { Expression, type Value } from "../../../../src/streams/past/names/expression/index.js";
import { Names } from "../../../../src/streams/past/names/names.js";
import type { PlaceError } from "../../../../src/streams/past/names/place-error.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { readFileSync } from "node:fs";
import { DEMO_ELF, demoOptions } from "../../../support/demo-guest.js";

const { machine } = openMachine(demoOptions);
const state = machine.state();
const symbol = (name: string, address: bigint, sizeBytes = 0n) => ({
  name,
  address,
  sizeBytes,
  kind: "object" as const,
});
const names = Names.ofSymbols(() => [
  ...readElfSymbols(readFileSync(DEMO_ELF)),
  symbol("magic", 0x8000_0000n, 4n),
  symbol("twice", 1n),
  symbol("twice", 2n),
]);
const value = (text: string): bigint => new Expression(text).value({ names, at: state });
const complaintOf = (text: string): string => {
  try {
    return `none: ${String(value(text))}`;
  } catch (fault) {
    return `${(fault as PlaceError).code}: ${(fault as Error).message}`;
  }
};

test("given operators, then they bind and round as C's", () => {
  for (const [text, expected] of [
    ["1 + 2 * 3", 7n],
    ["(1 + 2) * 3", 9n],
    ["10 - 2 - 3", 5n],
    ["7 / 2 * 2 + 7 % 4", 9n],
    ["1 << 4 | 3 & 2 ^ 1", 0x13n],
    ["1 + 1 << 3", 16n],
    ["0x10 == 16 && 3 != 4", 1n],
    ["0 || 2 && 0", 0n],
    ["!5 + !0", 1n],
    ["~0", 0xffff_ffff_ffff_ffffn],
    ["-1", 0xffff_ffff_ffff_ffffn],
    ["1,234,567 + 1_000", 1_235_567n],
    ["3 > 2 == 1", 1n],
  ] as const) {
    assert.is(value(text), expected, text);
  }
});

test("given signed and unsigned numbers, then they compare and divide as C's", () => {
  for (const [text, expected] of [
    ["-1 < 0", 1n],
    ["(long)-1 < 0", 1n],
    ["(unsigned long)-1 < 0", 0n],
    ["0xffffffff80000000 > 0x80000000", 1n],
    ["-6 / 4", -1n],
    ["-8 >> 1", -4n],
    ["(unsigned char)0x1ff", 0xffn],
    ["(signed char)0xff", -1n],
    ["(int16_t)0x8000 == -32768", 1n],
    ["(unsigned)-1", 0xffff_ffffn],
  ] as const) {
    assert.is(value(text), BigInt.asUintN(64, expected), text);
  }
});

test("given memory, then as many bytes are read as the type has, with its sign", () => {
  const bytes = readFileSync(DEMO_ELF).subarray(0x1000);
  assert.is(value("*(unsigned int *)0x80000000"), BigInt(bytes.readUInt32LE(0)));
  assert.is(value("*(int *)0x80000000"), BigInt.asUintN(64, BigInt(bytes.readInt32LE(0))));
  assert.is(value("*(uint64_t *)magic"), bytes.readBigUInt64LE(0));
  assert.is(value("*(unsigned char*)(magic + 1)"), BigInt(bytes[1]!));
  assert.is(value("*magic"), BigInt(bytes.readUInt32LE(0)));
  assert.is(value("*(unsigned char *)*(unsigned long *)(magic) || 1"), 1n);
});

test("given memory that is not mapped, then a condition has no value unless the rest decides", () => {
  const read = (text: string): Value => new Expression(text).in({ names, at: state }).read();
  assert.is(read("*(int *)8 == 0"), "unmapped");
  assert.is(read("*(int *)8 == 0 || 1"), 1n);
  assert.is(read("*(int *)8 == 0 && 0"), 0n);
  assert.is(read("1 && *(int *)8"), "unmapped");
  assert.is(read("1 / (twice2 - twice2)".replaceAll("twice2", "magic")), "division by 0");
});

test("given what is no expression, then the error says what is wrong", () => {
  for (const [text, complaint] of [
    ["", "MISSING_OPERAND"],
    ["12ab", "INVALID_NUMBER: 12ab is not a number"],
    ["0x", "INVALID_NUMBER: 0x is not a number"],
    ["0x1_0000_0000_0000_0000", "INVALID_NUMBER: .* more than 64 bits"],
    ["$a9", "NO_SUCH_REGISTER: there is no register \\$a9; is \\$a0"],
    ["$a0 = 3", "INVALID_EXPRESSION: .*; a comparison is =="],
    ["(1 + 2", "INVALID_EXPRESSION: .*it ends where \\) should be"],
    ["1 +", "INVALID_EXPRESSION: .*it ends where"],
    ["*$sp", "INVALID_EXPRESSION: .*say what is there"],
    ["*(float *)1", "NO_SUCH_NAME: there is no float"],
    ["(int char)1", "INVALID_EXPRESSION: there is no type int char"],
    ["1 ? 2", "INVALID_EXPRESSION"],
    ["deadbeef", "NO_SUCH_NAME: .*; a hexadecimal number begins with 0x"],
    ["twice", "AMBIGUOUS_NAME: twice is at 0x1, 0x2: give the address"],
    ["1 / 0", "CANNOT_ACCESS: 1 / 0 has no value here: it divides by 0$"],
    ["*(int *)8", "CANNOT_ACCESS: .*: it reads memory where nothing is mapped$"],
    ["*(int *)8 + 1 / 0", "CANNOT_ACCESS: .* nothing is mapped$"],
  ] as const) {
    assert.match(complaintOf(text), new RegExp(`^${complaint}`), text);
  }
});

test("given one more than an expression may have, then it is refused, and at the limit it is taken", () => {
  assert.is(value(`${"(".repeat(99)}1${")".repeat(99)}`), 1n);
  assert.match(complaintOf(`${"(".repeat(100)}1${")".repeat(100)}`), "nested deeper than 100");
  const sum = (terms: number): string => Array.from({ length: terms }, () => "1").join("+");
  assert.is(value(sum(500)), 500n);
  assert.match(complaintOf(`${sum(500)}+(1)`), "at most 1000");
});

test("given no names at all, then the error says where they would come from", () => {
  try {
    new Expression("main").value({ names: Names.ofSymbols(() => []), at: state });
    assert.unreachable();
  } catch (fault) {
    assert.match(String(fault), "give --symbols an ELF file or a System.map");
  }
});

test.run();
