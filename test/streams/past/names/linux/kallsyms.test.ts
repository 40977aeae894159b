// The symbols of a kernel, from tables laid out here as its build does; damaged ones give none, and soon.
import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  MAX_CHARACTERS,
  MAX_NAME_CHARACTERS,
  MAX_STEPS,
  MAX_SYMBOLS,
  readKallsyms,
} from "../../../../../src/streams/past/names/linux/kallsyms.js";
import { MAX_ROWS_OF_DIGITS } from "../../../../../src/streams/past/names/linux/token-table.js";
import { kallsymsTables, type KallsymsOrder, type PlainSymbol } from "../../../../support/kallsyms-tables.js";
import { freshSeed, seededRandom } from "../../../../support/seeded-random.js";

const BASE = 0xffff_ffff_8000_0000n;
const ORDERS: readonly KallsymsOrder[] = ["5.15", "6.2", "6.4"];

const symbols = (count: number): readonly PlainSymbol[] =>
  Array.from({ length: count }, (_, index) => ({
    kind: "tTdDbBrRwW".charAt(index % 10),
    name: index === 0 ? "_start" : `${index % 3 === 0 ? "sys_" : "__"}call_${String(index)}_init`,
    address: BASE + BigInt(16 * index),
  }));

/** Among other bytes, as in a kernel. */
const within = (tables: Uint8Array, before = 4096): Uint8Array => {
  const bytes = new Uint8Array(before + tables.length + 4096).fill(0xa5);
  bytes.set(tables, before);
  return bytes;
};

const told = (found: ReturnType<typeof readKallsyms>): readonly string[] | undefined =>
  found?.names.map((name, index) => `${String(found.offsets[index])} ${found.kinds[index] ?? ""} ${name}`);

for (const order of ORDERS) {
  for (const count of [1, 2, 255, 256, 257, 3000]) {
    test(`given ${String(count)} symbols in the order of ${order}, then all of them are read`, () => {
      const given = symbols(count);
      const expected = given.map(({ kind, name, address }) => `${String(address - BASE)} ${kind} ${name}`);
      assert.equal(told(readKallsyms(within(kallsymsTables(given, order)))), expected);
    });
  }

  test(`given a name of more than 127 tokens in the order of ${order}, then it is read whole`, () => {
    const long = "x".repeat(MAX_NAME_CHARACTERS - 1);
    const given = [...symbols(300), { kind: "T", name: long, address: BASE + 0x10_0000n }];
    assert.is(readKallsyms(within(kallsymsTables(given, order)))?.names.at(-1), long);
  });
}

test("given a name that is longer than a kernel allows, then the tables are damaged", () => {
  const given = [...symbols(300), { kind: "T", name: "x".repeat(MAX_NAME_CHARACTERS), address: BASE + 0x10_0000n }];
  assert.is(readKallsyms(within(kallsymsTables(given, "6.4"))), undefined);
});

test("given more symbols than a kernel has, then there are none", () => {
  const tables = kallsymsTables(symbols(600), "6.4");
  new DataView(tables.buffer).setUint32(0, MAX_SYMBOLS + 1, true);
  assert.is(readKallsyms(within(tables)), undefined);
});

test("given names that are more text than a kernel has, then the tables are damaged", () => {
  // Each name is one token of the longest name; with this many it is one name beyond the bound.
  const count = Math.floor(MAX_CHARACTERS / MAX_NAME_CHARACTERS) + 1;
  const given = (many: number): readonly PlainSymbol[] =>
    Array.from({ length: many }, (_, index) => ({
      kind: "T",
      name: "x".repeat(MAX_NAME_CHARACTERS - 1),
      address: BASE + BigInt(index),
    }));
  assert.is(readKallsyms(within(kallsymsTables(given(1000), "6.4")))?.names.length, 1000);
  assert.is(readKallsyms(oneNameRepeated(count)), undefined);
  assert.is(readKallsyms(oneNameRepeated(count - 1))?.names.length, count - 1);
});

/** Tables in the order of 6.4 whose names are all one token: the longest name that there may be. */
function oneNameRepeated(count: number): Uint8Array {
  const strings: number[] = [];
  const index = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    index[byte] = strings.length;
    if (byte === 1) strings.push(...new TextEncoder().encode("T".repeat(MAX_NAME_CHARACTERS)));
    else if (byte > 0x20 && byte < 0x7f) strings.push(byte);
    strings.push(0);
  }
  const groups = Math.ceil(count / 256);
  const sizes = [8, 3 * count, 4 * groups, strings.length, 512, 4 * count, 8].map((size) => Math.ceil(size / 8) * 8);
  const starts = sizes.map((_, at) => sizes.slice(0, at).reduce((sum, size) => sum + size, 0));
  const [, names = 0, markers = 0, tokens = 0, places = 0, offsets = 0, base = 0] = starts;
  const bytes = new Uint8Array(base + 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, count, true);
  // Two tokens: one that is empty, since a row of the same bytes is no name of two bytes.
  for (let at = 0; at < count; at += 1) bytes.set([2, 1, 2], names + 3 * at);
  for (let group = 0; group < groups; group += 1) view.setUint32(markers + 4 * group, 3 * 256 * group, true);
  bytes.set(strings, tokens);
  bytes.set(new Uint8Array(index.buffer), places);
  for (let at = 0; at < count; at += 1) view.setUint32(offsets + 4 * at, at, true);
  return bytes;
}

test("given more rows of digits than are looked at before the tables, then there are none", () => {
  const tables = kallsymsTables(symbols(300), "6.4");
  const row = Array.from({ length: 10 }, (_, digit) => [0x30 + digit, 0]).flat();
  const rows = (count: number): Uint8Array =>
    Uint8Array.from([...Array.from({ length: count }, () => row).flat(), ...new Uint8Array(8 * count), ...tables]);
  const aligned = (bytes: Uint8Array): Uint8Array => bytes.slice(bytes.length % 8);
  assert.is(readKallsyms(aligned(rows(MAX_ROWS_OF_DIGITS - 1)))?.names.length, 300);
  assert.is(readKallsyms(aligned(rows(MAX_ROWS_OF_DIGITS))), undefined);
});

/** Of the token table that is written here. */
const BEFORE_DIGITS = 67;

test("given more places to try than there are steps, then there are no symbols", () => {
  // Each zero between markers and tokens may be the first marker, and each word before it the count of names.
  const withZeros = (count: number): Uint8Array => {
    const tables = kallsymsTables(symbols(count), "6.2");
    const digits = Buffer.from(tables).indexOf("0\x001\x002\x00", 0, "latin1");
    tables.fill(0, digits - BEFORE_DIGITS - 3 * count, digits - BEFORE_DIGITS);
    return within(tables, 1 << 20);
  };
  assert.is(readKallsyms(withZeros(600))?.names.length, 600);
  // 16,000 places before each of 1,500 zeros.
  assert.ok(MAX_STEPS < 16_000 * 1500);
  assert.is(readKallsyms(withZeros(4000)), undefined);
});

const seed = freshSeed();

test(`given bytes of the tables changed at random (seed ${String(seed)}), then the answer is a table or none, never a throw`, () => {
  const random = seededRandom(seed);
  for (const order of ORDERS) {
    const whole = within(kallsymsTables(symbols(700), order), 64);
    for (let round = 0; round < 150; round += 1) {
      const bytes = whole.slice(0, random(10) === 0 ? random(whole.length) : whole.length);
      for (let change = random(4); change >= 0; change -= 1) bytes[random(bytes.length)] = random(256);
      const found = readKallsyms(bytes);
      assert.ok(found === undefined || found.names.length === found.offsets.length);
    }
  }
});

test.run();
