// The types of a kernel and its modules, from BTF written here as its format is described; damaged BTF gives none.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_NESTING } from "../../../../../src/streams/past/names/linux/btf-nesting.js";
import {
  BtfSection,
  findBtf,
  MAX_NAME_BYTES,
  MAX_TYPES,
} from "../../../../../src/streams/past/names/linux/btf-section.js";
import { BtfTypes } from "../../../../../src/streams/past/names/linux/btf-types.js";
import { StructLayout } from "../../../../../src/streams/past/names/linux/struct-layout.js";
import type { FunctionType, StructureType, Type } from "../../../../../src/streams/past/names/type.js";
import { BtfBytes } from "../../../../support/btf-bytes.js";
import { freshSeed, seededRandom } from "../../../../support/seeded-random.js";

const KIND = { union: 5, enum: 6, forward: 7, typedef: 8, const: 10, variable: 14, section: 15, float: 16, tag: 18 };
const ENUM64 = 19;
const SIGNED = 1;
const BOOL = 4;

const sectionOf = (btf: BtfBytes, base?: BtfSection): BtfSection => {
  const section = BtfSection.read(btf.bytes(), base);
  if (section === undefined) throw new Error("the bytes are damaged");
  return section;
};
const typesOf = (btf: BtfBytes): BtfTypes => new BtfTypes(sectionOf(btf));

const structure = (type: Type | undefined): StructureType => {
  if (type?.kind !== "structure" && type?.kind !== "union") throw new Error(`it is ${String(type?.kind)}`);
  return type;
};

/** Types as C declares them. */
const inC = (type: Type): string => {
  switch (type.kind) {
    case "void":
      return "void";
    case "pointer":
      return `${inC(type.target())} *`;
    case "array":
      return `${inC(type.element())}[${String(type.length ?? "")}]`;
    case "alias":
      return type.name === "" ? `const ${inC(type.target())}` : type.name;
    case "function":
      return `${inC(type.result())} (${parametersInC(type)})`;
    default:
      return `${type.kind} ${type.name}`;
  }
};

const parametersInC = (type: FunctionType): string =>
  type
    .parameters()
    .map((parameter) => `${inC(parameter.type())} ${parameter.name}`)
    .join(", ");

test("given types of each kind, then each is what was written", () => {
  const btf = new BtfBytes();
  const int = btf.int("int", 4, SIGNED);
  btf.int("bool", 1, BOOL);
  const char = btf.int("char", 1);
  btf.int("unsigned char", 1);
  btf.add(KIND.float, "double", 8);
  const u32 = btf.add(KIND.typedef, "u32", btf.int("unsigned int", 4));
  const text = btf.pointer(btf.add(KIND.const, "", btf.add(KIND.tag, "user", char)));
  const outer = btf.struct("outer", 40, [
    ["text", text, 0],
    ["buffer", btf.array(u32, 4), 8],
    ["rest", btf.array(int, 0), 24],
  ]);
  btf.func("work", int, [
    ["of", btf.pointer(outer)],
    ["how", u32],
    ["", 0],
  ]);
  const types = typesOf(btf);
  assert.equal(types.named("int"), { kind: "integer", name: "int", bytes: 4, isSigned: true });
  assert.equal(types.named("bool"), { kind: "boolean", name: "bool", bytes: 1, isSigned: false });
  assert.equal(types.named("char"), { kind: "character", name: "char", bytes: 1, isSigned: false });
  assert.is(types.named("unsigned char")?.kind, "character");
  assert.equal(types.named("double"), { kind: "float", name: "double", bytes: 8, isSigned: true });
  const members = structure(types.named("struct outer")).members();
  assert.equal(
    members.map((member) => `${inC(member.type())} ${member.name} @${String(member.offsetBits)}`),
    ["const character char * text @0", "u32[4] buffer @64", "integer int[] rest @192"],
  );
  const work = types.functionType("work");
  assert.is(work === undefined ? "" : inC(work), "integer int (structure outer * of, u32 how)");
  assert.is(types.functionType("outer"), undefined);
});

test("given enumerations, also of 64 bits and with signs, then their values are exact", () => {
  const btf = new BtfBytes();
  btf.add(KIND.enum, "plain", 4, 2, false, [btf.string("A"), 0, btf.string("B"), 0xffff_ffff]);
  btf.add(KIND.enum, "signed", 4, 1, true, [btf.string("C"), 0xffff_ffff]);
  btf.add(ENUM64, "wide", 8, 1, false, [btf.string("D"), 1, 0x8000_0000]);
  btf.add(ENUM64, "wide_signed", 8, 1, true, [btf.string("E"), 0xffff_fffe, 0xffff_ffff]);
  const types = typesOf(btf);
  const values = ["plain", "signed", "wide", "wide_signed"].flatMap((name) => {
    const type = types.named(`enum ${name}`);
    return type?.kind === "enumeration"
      ? type.enumerators().map(({ name: of, value }) => `${of}=${String(value)}`)
      : [];
  });
  assert.equal(values, ["A=0", "B=4294967295", "C=-1", "D=9223372036854775809", "E=-2"]);
});

test("given bit fields, then their offsets and widths are told", () => {
  const btf = new BtfBytes();
  const int = btf.int("int", 4);
  btf.add(4, "flags", 8, 2, true, [btf.string("low"), int, (3 << 24) | 5, btf.string("whole"), int, 32]);
  const told = structure(typesOf(btf).named("flags"))
    .members()
    .map(({ name, offsetBits, widthBits }) => [name, offsetBits, widthBits]);
  assert.equal(told, [
    ["low", 5, 3],
    ["whole", 32, undefined],
  ]);
});

test("given a structure that is declared and defined, then its name is the defined one's", () => {
  const btf = new BtfBytes();
  btf.add(KIND.forward, "thing", 0);
  const int = btf.int("int", 4);
  btf.struct("thing", 4, [["x", int, 0]]);
  assert.is(structure(typesOf(btf).named("thing")).members().length, 1);
});

test("given a name of two kinds, then the type's own comes first, and the prefix chooses", () => {
  const btf = new BtfBytes();
  const int = btf.int("int", 4);
  btf.struct("both", 4, [["x", int, 0]]);
  btf.add(KIND.typedef, "both", int);
  const types = typesOf(btf);
  assert.is(types.named("both")?.kind, "alias");
  assert.is(types.named("struct both")?.kind, "structure");
  assert.is(types.named("union both"), undefined);
});

test("given per-cpu variables, then their types and section are told", () => {
  const btf = new BtfBytes();
  const variable = btf.add(KIND.variable, "runqueues", btf.int("int", 4), 0, false, [1]);
  btf.add(KIND.section, ".data..percpu", 8, 1, false, [variable, 0, 8]);
  const found = typesOf(btf).variable("runqueues");
  assert.is(found?.section, ".data..percpu");
  assert.is(found?.type.kind, "integer");
  assert.is(typesOf(btf).variable("int"), undefined);
});

test("given a member within members without a name, then the layout finds it", () => {
  const btf = new BtfBytes();
  const int = btf.int("int", 4);
  const inner = btf.struct("", 8, [
    ["a", int, 0],
    ["b", int, 4],
  ]);
  const named = btf.struct("named", 4, [["c", int, 0]]);
  btf.struct("outer", 16, [
    ["", inner, 4],
    ["named", named, 12],
    ["row", btf.array(int, 5), 12],
  ]);
  const layout = new StructLayout(typesOf(btf));
  assert.is(layout.offset("outer", "b"), 8);
  assert.is(layout.offset("outer", "named.c"), 12);
  assert.is(layout.offset("outer", "nothing", "a"), 4);
  assert.is(layout.offset("outer", "nothing"), undefined);
  assert.is(layout.offset("missing", "a"), undefined);
  assert.is(layout.lengthOf("outer", "row"), 5);
  assert.is(layout.lengthOf("outer", "b"), undefined);
});

test("given a module's BTF, then its types use those of its kernel, and its own names come first", () => {
  const kernel = new BtfBytes();
  const int = kernel.int("int", 4);
  const shared = kernel.string("id");
  kernel.struct("device", 4, [["name", int, 0]]);
  const own = new BtfBytes(kernel);
  own.add(4, "driver", 8, 1, false, [shared, int, 32]);
  const section = sectionOf(kernel);
  const types = new BtfTypes(sectionOf(own, section), new BtfTypes(section));
  assert.equal(
    structure(types.named("driver"))
      .members()
      .map((member) => [member.name, inC(member.type())]),
    [["id", "integer int"]],
  );
  assert.is(types.named("struct device")?.kind, "structure");
});

test("given types that contain themselves, then they are void, and what points to them is whole", () => {
  const btf = new BtfBytes();
  btf.struct("snake", 8, [["head", 1, 0]]);
  const loop = btf.add(KIND.typedef, "loop", 3);
  btf.add(KIND.const, "", loop);
  btf.struct("list", 8, [["next", 5, 0]]);
  btf.pointer(4);
  const types = typesOf(btf);
  assert.is(types.named("snake")?.kind, "void");
  assert.is(types.named("loop")?.kind, "void");
  const [next] = structure(types.named("list")).members();
  const target = next?.type();
  assert.is(target?.kind === "pointer" ? target.target() : undefined, types.named("list"));
});

test("given aliases as deep as may be, then they are read; given one more, they are void", () => {
  const deep = (aliases: number): Type | undefined => {
    const btf = new BtfBytes();
    let type = btf.int("int", 4);
    for (let index = 1; index < aliases; index += 1) type = btf.add(KIND.const, "", type);
    btf.add(KIND.typedef, "deep", type);
    return typesOf(btf).named("deep");
  };
  assert.is(deep(MAX_NESTING)?.kind, "alias");
  assert.is(deep(MAX_NESTING + 1)?.kind, "void");
});

test("given a name that is longer than a kernel's, then the rest of it is cut off", () => {
  const btf = new BtfBytes();
  btf.int("x".repeat(MAX_NAME_BYTES + 1), 4);
  assert.is(sectionOf(btf).record(1)?.name, "x".repeat(MAX_NAME_BYTES));
});

test("given as many types as may be, then they are read; given one more, the BTF is damaged", () => {
  const many = (count: number): Uint8Array => {
    const bytes = new Uint8Array(24 + 12 * count + 1);
    const view = new DataView(bytes.buffer);
    bytes.set(new BtfBytes().bytes().subarray(0, 24));
    view.setUint32(12, 12 * count, true);
    view.setUint32(16, 12 * count, true);
    for (let index = 0; index < count; index += 1) view.setUint32(24 + 12 * index + 4, 2 << 24, true);
    return bytes;
  };
  assert.is(BtfSection.read(many(MAX_TYPES - 1))?.count, MAX_TYPES - 1);
  assert.is(BtfSection.read(many(MAX_TYPES)), undefined);
});

test("given the program that reads BTF, and a module's BTF in reused memory, then the kernel's is found behind them", () => {
  const btf = new BtfBytes();
  const int = btf.int("int", 4);
  const own = new BtfBytes(btf);
  own.add(KIND.typedef, "own", int);
  const kernel = new Uint8Array(512);
  kernel.set([0x9f, 0xeb, 1, 0, 24, 0, 0, 0], 16);
  kernel.set(own.bytes(), 64);
  btf.struct("node", 4, [["value", int, 0]]);
  kernel.set(btf.bytes(), 256);
  assert.equal(findBtf(kernel), btf.bytes());
  assert.is(findBtf(kernel.subarray(0, 64)), undefined);
});

const seed = freshSeed();

test(`given bytes changed at random (seed ${String(seed)}), then every type can be walked, and nothing throws`, () => {
  const random = seededRandom(seed);
  const btf = new BtfBytes();
  const int = btf.int("int", 4);
  const node = btf.struct("node", 16, [
    ["next", 3, 0],
    ["value", int, 8],
  ]);
  btf.pointer(node);
  btf.add(KIND.union, "either", 8, 1, false, [btf.string("a"), int, 0]);
  btf.add(KIND.enum, "plain", 4, 1, false, [btf.string("A"), 7]);
  btf.func("work", int, [["of", 3]]);
  const whole = btf.bytes();
  for (let round = 0; round < 2000; round += 1) {
    const bytes = whole.slice(0, random(8) === 0 ? random(whole.length) : whole.length);
    for (let change = random(3); change >= 0; change -= 1) bytes[random(bytes.length)] = random(256);
    const section = BtfSection.read(bytes);
    if (section === undefined) continue;
    const types = new BtfTypes(section);
    for (let id = 0; id <= section.count + 1; id += 1) walk(types.type(id));
    types.named("node");
    types.variable("work");
  }
});

/** All that lies within it, and what it points to. */
function walk(type: Type): void {
  switch (type.kind) {
    case "structure":
    case "union":
      for (const member of type.members()) walk(member.type());
      break;
    case "array":
      walk(type.element());
      break;
    case "alias":
      walk(type.target());
      break;
    case "enumeration":
      type.enumerators();
      break;
    case "function":
      for (const parameter of type.parameters()) parameter.type();
      type.result();
      break;
    case "pointer":
      type.target();
      break;
    default:
  }
}

test.run();
