// What a program reads by name: members, elements, bit fields, texts, and what is at each limit.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Expression } from "../../../../src/streams/past/names/expression/index.js";
import { MAX_VALUE_BYTES } from "../../../../src/streams/past/names/location-bytes.js";
import type { NameSource } from "../../../../src/streams/past/names/name-source.js";
import { Names } from "../../../../src/streams/past/names/names.js";
import type { PlaceError } from "../../../../src/streams/past/names/place-error.js";
import { locate } from "../../../../src/streams/past/names/place.js";
import { readPlace } from "../../../../src/streams/past/names/read-place.js";
import { MAX_ALIASES, MAX_NESTED, memberOf, plain } from "../../../../src/streams/past/names/type-layout.js";
import type { Member, ScalarType, StructureType, Type } from "../../../../src/streams/past/names/type.js";
import {
  MAX_ELEMENTS,
  MAX_SHOWN,
  MAX_VALUE_DEPTH,
  valueOfBytes,
  valueText,
} from "../../../../src/streams/past/names/value.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { demoOptions } from "../../../support/demo-guest.js";

const scalar = (name: string, bytes: number, isSigned: boolean, kind: ScalarType["kind"] = "integer"): ScalarType => ({
  kind,
  name,
  bytes,
  isSigned,
});
const int = scalar("int", 4, true);
const char = scalar("char", 1, false, "character");
const array = (of: Type, length: number): Type => ({ kind: "array", element: () => of, length });
const pointer = (to: () => Type): Type => ({ kind: "pointer", bytes: 8, target: to });
const member = (name: string, offsetBits: number, type: () => Type, widthBits?: number): Member => ({
  name,
  offsetBits,
  widthBits,
  type,
});
const structure = (name: string, bytes: number, members: readonly Member[]): StructureType => ({
  kind: "structure",
  name,
  bytes,
  members: () => members,
});

const state: StructureType = structure("", 4, [
  member("ready", 0, () => int, 1),
  member("level", 1, () => scalar("int", 4, true), 3),
]);
const node: StructureType = structure("node", 32, [
  member("next", 0, () => pointer(() => node)),
  member("name", 64, () => array(char, 8)),
  member("", 128, () => state),
  member("values", 160, () => array(int, 3)),
]);
const color: Type = {
  kind: "enumeration",
  name: "color",
  bytes: 4,
  isSigned: false,
  enumerators: () => [{ name: "RED", value: 1n }],
};

/** `extern char banner[]`. */
const banner: Type = { kind: "array", element: () => char, length: undefined };

const BASE = 0x8000_0000n;
const image = new Uint8Array(128);
const view = new DataView(image.buffer);
view.setBigUint64(0, BASE + 64n, true);
image.set(new TextEncoder().encode("first"), 8);
// Ready, and a level of -3.
view.setUint32(16, 0b1011, true);
[-1, 2, 3].forEach((value, index) => {
  view.setInt32(20 + 4 * index, value, true);
});
image.set(new TextEncoder().encode("second!!"), 72);
view.setUint32(112, 1, true);

const source: NameSource = {
  title: "a test",
  symbols: () => [{ name: "head.0", address: BASE, sizeBytes: 32n, kind: "object" }],
  typeNamed: (name) => (name === "struct node" || name === "node" ? node : undefined),
  variable: (name) => {
    const [type, address] =
      name === "head"
        ? [node, BASE]
        : name === "paint"
          ? [color, BASE + 112n]
          : name === "banner"
            ? [banner, BASE + 8n]
            : ([undefined, 0n] as const);
    return type && { name, type, locate: () => ({ kind: "memory", address }) };
  },
};
const { machine } = openMachine(demoOptions);
const at = {
  ...machine.state(),
  ram: { byteLength: 2 ** 20, read: (from: number, bytes: number) => image.slice(from, from + bytes) },
};
const scope = { names: new Names(() => [source]), at };
const read = (place: string): unknown => readPlace(place, scope).value;
const number = (text: string): bigint => BigInt.asIntN(64, new Expression(text).value(scope));

test("given structures, when they are read by name, then each member has its type's value", () => {
  assert.equal(read("head"), {
    next: BASE + 64n,
    name: "first",
    ready: -1n,
    level: -3n,
    values: [-1n, 2n, 3n],
  });
  assert.is(read("head.name"), "first");
  assert.is(read("head.next->name"), "second!!");
  assert.is(read("head.next.name"), "second!!");
  assert.is(read("(*head.next).name"), "second!!");
  assert.is(read("head.level"), -3n);
  assert.is(read("head.values[2]"), 3n);
  assert.is(read("head.name[1]"), BigInt("i".charCodeAt(0)));
  assert.is(read("((struct node *)0x80000000)->values[0]"), -1n);
  assert.is(read("((node *)head.0)->values[1]"), 2n);
});

test("given expressions over them, then they count as C does", () => {
  assert.is(number("head.values[0] + head.values[1]"), 1n);
  assert.is(number("&head.values[1] - &head"), 24n);
  assert.is(number("*(head.values + 2)"), 3n);
  assert.is(number("head.next + 1"), BASE + 64n + 32n);
  assert.is(number("head.level < 0 && head.ready"), 1n);
});

test("given what is computed of values, when it is read, then it is the value, as what it was computed of; an address is a place", () => {
  assert.is(read("head.values[0] + head.values[1]"), 1n);
  assert.is(read("head.values[1] + 1"), 3n);
  assert.is(read("paint + 1"), 2n);
  assert.is(read("(long)paint - 2"), -1n);
  assert.is(read("!head.level"), 0n);
  assert.is(read("head.next + 1"), BASE + 64n + 32n);
  assert.is(read("head + 20:4"), 0xffff_ffffn);
  assert.is(read("paint + 0:4"), 1n);
  assert.throws(() => read("paint / head.values[9999]"), /has no value here/);
});

test("given an array of a length that is not known, when it is read, then it takes a width, and is as long as that", () => {
  assert.throws(() => read("banner"), /banner: its type does not tell its size; .* as in banner:64/);
  assert.is(read("banner:4"), "firs");
  assert.is(read("banner:64"), "first");
});

test("given members, then their places are where they lie", () => {
  const placeOf = (text: string): readonly unknown[] => {
    const { location, bytes } = locate(text, scope);
    return [location.kind === "memory" ? location.address : location.kind, bytes];
  };
  assert.equal(placeOf("head.values"), [BASE + 20n, 12]);
  assert.equal(placeOf("head.values[2]"), [BASE + 28n, 4]);
  assert.equal(placeOf("head.next->name:4"), [BASE + 72n, 4]);
  assert.equal(placeOf("head.0"), [BASE, 32]);
  assert.equal(placeOf("head+8"), [BASE + 8n, 24]);
});

test("given a member that is not there, then the error names the nearest", () => {
  const complaint = (text: string): string => {
    try {
      return String(read(text));
    } catch (fault) {
      return `${(fault as PlaceError).code}: ${(fault as Error).message}`;
    }
  };
  assert.match(complaint("head.vales"), /^NO_SUCH_MEMBER: struct node has no member vales; nearest are values/);
  assert.match(complaint("head->name"), /^INVALID_EXPRESSION: write \.name/);
  assert.match(complaint("head.0.name"), /^NO_SUCH_MEMBER: head.0 has no members that are known/);
  assert.match(complaint("head.next->next->name"), /^CANNOT_ACCESS/);
  assert.match(complaint("(struct mode *)head.0"), /^NO_SUCH_NAME: there is no struct mode among the types/);
  assert.match(complaint(`head${".a".repeat(101)}`), /^INVALID_EXPRESSION|^NO_SUCH_MEMBER/);
});

test("given values, then they print as gdb prints them", () => {
  const text = (place: string): string => {
    const { value, type } = readPlace(place, scope);
    return valueText(value, type);
  };
  assert.is(text("head"), '{next = 0x80000040, name = "first", ready = -1, level = -3, values = {-1, 2, 3}}');
  assert.is(text("paint"), "RED");
  assert.is(text("head.name[1]"), "105 'i'");
  assert.is(valueText([7n, ...Array.from({ length: 20 }, () => 0n)], array(int, 21)), "{7, 0 <repeats 20 times>}");
});

test("given one more than a value may have, then the rest is left out", () => {
  assert.is(
    (valueOfBytes({ type: array(int, 1e9) }, new Uint8Array(4 * (MAX_ELEMENTS + 1))) as unknown[]).length,
    65_536,
  );
  const many = Array.from({ length: MAX_SHOWN + 1 }, (_, index) => BigInt(index));
  assert.match(valueText(many, array(int, many.length)), /, 199, \.\.\.\}$/);
  const bytes = MAX_VALUE_BYTES + 1;
  assert.throws(() => readPlace({ address: BASE, bytes }, scope), /is no place/);
  assert.throws(() => readPlace({ address: BASE, bytes: MAX_VALUE_BYTES * 2 }, scope), /is no place/);
});

test("given types in types without end, then they end", () => {
  const nested: StructureType = structure("deep", 8, [member("in", 0, () => nested)]);
  let value: unknown = valueOfBytes({ type: nested }, new Uint8Array(8));
  for (let depth = 0; depth < MAX_VALUE_DEPTH; depth += 1) value = (value as { in: unknown }).in;
  assert.ok(value instanceof Uint8Array);
  const endless: Type = { kind: "alias", name: "again", target: () => endless };
  assert.is(plain(endless).kind, "void");
  let short: Type = int;
  for (let aliases = 0; aliases < MAX_ALIASES; aliases += 1) {
    const target: Type = short;
    short = { kind: "alias", name: "t", target: () => target };
  }
  assert.is(plain(short).kind, "integer");
  const hidden = (depth: number): StructureType =>
    structure("", 8, [depth === 0 ? member("found", 0, () => int) : member("", 0, () => hidden(depth - 1))]);
  assert.ok(memberOf(hidden(MAX_NESTED), "found"));
  assert.is(memberOf(hidden(MAX_NESTED + 1), "found"), undefined);
});

test.run();
