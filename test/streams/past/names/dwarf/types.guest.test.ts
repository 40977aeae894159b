// test-time-limit-seconds: 300
/** Types, variables and rows of call frame information, against gdb, nm and readelf. */

import { test } from "uvu";
import * as assert from "uvu/assert";

import { bytesOf, plain } from "../../../../../src/streams/past/names/type-layout.js";
import type { Type } from "../../../../../src/streams/past/names/type.js";
import { binutils, builtNames, codeAddresses, gdb, NAMES_BUILDS, type Names } from "../../../../support/built-names.js";
import { guestCompilerFits } from "../../../../support/guest-build.js";
import { requires } from "../../../../support/requires.js";
import { withTemporaryFolder } from "../../../../support/temporary-folder.js";

const TYPES = ["struct job", "struct queue", "struct point", "struct shape", "enum urgency", "uint64_t", "work"];

/** What gdb's python tells of a type: `name offset width bytes` of each member, and those of members within. */
const TELL = `python
def tell(type, at, depth):
    type = type.strip_typedefs()
    if type.code == gdb.TYPE_CODE_ARRAY:
        print(depth, "array", type.sizeof // type.target().sizeof, type.target().strip_typedefs().sizeof)
        tell(type.target(), at, depth + 1)
    elif type.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
        print(depth, "bytes", type.sizeof)
        for field in type.fields():
            print(depth, field.name or "", at + field.bitpos, field.bitsize, field.type.sizeof)
            tell(field.type, at + field.bitpos, depth + 1)
    elif type.code == gdb.TYPE_CODE_ENUM:
        for field in type.fields():
            print(depth, field.name, field.enumval)
    elif type.code == gdb.TYPE_CODE_PTR:
        print(depth, "pointer", type.sizeof)
    else:
        print(depth, "scalar", type.sizeof)
`;

/** The same of ours. */
function told(type: Type, at = 0, depth = 0): readonly string[] {
  const of = plain(type);
  switch (of.kind) {
    case "array": {
      const element = of.element();
      const head = `${String(depth)} array ${String(of.length ?? 0)} ${String(bytesOf(element))}`;
      return [head, ...told(element, at, depth + 1)];
    }
    case "structure":
    case "union":
      return [
        `${String(depth)} bytes ${String(of.bytes)}`,
        ...of
          .members()
          .flatMap(({ name, offsetBits, widthBits = 0, ...member }) => [
            [depth, name, at + offsetBits, widthBits, bytesOf(member.type())].join(" "),
            ...told(member.type(), at + offsetBits, depth + 1),
          ]),
      ];
    case "enumeration":
      return of.enumerators().map(({ name, value }) => `${String(depth)} ${name} ${String(value)}`);
    case "pointer":
      return [`${String(depth)} pointer ${String(of.bytes)}`];
    default:
      return [`${String(depth)} scalar ${String(bytesOf(of))}`];
  }
}

const UNKNOWN = {
  pc: 0n,
  register: () => undefined,
  canonicalFrameAddress: () => undefined,
  read: () => undefined,
};

/** Readelf's table of rules: for each function, the first address of each row, and its columns. */
function frameRows(path: string): readonly { start: bigint; end: bigint; rules: ReadonlyMap<string, string> }[] {
  const dump = binutils("readelf", "--debug-dump=frames-interp", path);
  return dump.split(/\n(?=[0-9a-f]{8} )/).flatMap((entry) => {
    const [, end] = /FDE .*pc=[0-9a-f]+\.\.([0-9a-f]+)/.exec(entry) ?? [];
    if (end === undefined) return [];
    const [, head = "", body = ""] = /\n( +LOC.*)\n([^]*)/.exec(entry) ?? [];
    const names = head.trim().split(/\s+/).slice(1);
    const rows = body
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([start = ""]) => /^[0-9a-f]{16}$/.test(start));
    return rows.map(([start = "", ...columns], index) => ({
      start: BigInt(`0x${start}`),
      end: BigInt(`0x${rows[index + 1]?.[0] ?? end}`),
      rules: new Map(names.map((name, column) => [name, columns[column] ?? ""])),
    }));
  });
}

const REGISTERS = "zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11".split(" ");
const BASE = 0x1000_0000n;

/** Each register has a value of its own, and memory holds its own address. */
const FRAME = {
  pc: 0n,
  register: (register: number) => BASE * BigInt(register + 1),
  canonicalFrameAddress: () => undefined,
  read: (address: bigint, bytes: number) => {
    const read = new Uint8Array(bytes);
    new DataView(read.buffer).setBigUint64(0, address, true);
    return read;
  },
};

function agreeFrames(path: string, names: Names): void {
  const rows = frameRows(path);
  assert.ok(rows.length > 20, `only ${String(rows.length)} rows`);
  for (const { start, end, rules } of rows) {
    for (let pc = start; pc < end; pc += 2n) {
      const own = names.unwindRules(pc);
      assert.ok(own);
      const [, base = "", offset = ""] = /^(\w+)([+-]\d+)$/.exec(rules.get("CFA") ?? "") ?? [];
      const address = FRAME.register(REGISTERS.indexOf(base)) + BigInt(offset);
      assert.is(own.canonicalFrameAddress(FRAME), address, `0x${pc.toString(16)}`);
      for (const [number, name] of REGISTERS.entries()) {
        const rule = rules.get(name) ?? "u";
        if (rule.startsWith("c")) {
          assert.is(
            own.register(number, FRAME, address),
            address + BigInt(rule.slice(1)),
            `0x${pc.toString(16)} ${name}`,
          );
        }
      }
    }
  }
  const functions = binutils("readelf", "--debug-dump=frames", path).matchAll(/FDE .*pc=([0-9a-f]+)\.\.([0-9a-f]+)/g);
  const ranges = [...functions].map(([, start = "", end = ""]) => [BigInt(`0x${start}`), BigInt(`0x${end}`)] as const);
  for (const pc of codeAddresses(path)) {
    const isTold = ranges.some(([start, end]) => start <= pc && pc < end);
    assert.is(names.unwindRules(pc) !== undefined, isTold, `0x${pc.toString(16)}`);
  }
}

for (const flags of NAMES_BUILDS) {
  const built = `given the guest for names built with ${flags.join(" ")}`;
  if (!guestCompilerFits(built) || !requires(built, ["riscv64-unknown-elf-readelf", "gdb-multiarch"])) continue;

  test(`${built}, when types are asked for, then each member lies where gdb has it`, () =>
    withTemporaryFolder(async (folder) => {
      const { path, names } = await builtNames(folder, flags);
      // Not `store`: gdb makes a structure with a flexible array smaller where it has a value of it.
      const variables = ["q", "buf", "table", "shapes", "pool"];
      const asked = [
        ...TYPES.map((name) => `tell(gdb.lookup_type("${name}"), 0, 0)`),
        ...variables.map((name) => `tell(gdb.parse_and_eval("${name}").type, 0, 0)`),
      ];
      const answers = gdb(path, [TELL, ...asked.map((one) => `python ${one}`)]).slice(1);
      const own = [
        ...TYPES.map((name) => names.typeNamed(name)),
        ...variables.map((name) => names.variable(name)?.type),
      ];
      for (const [index, type] of own.entries()) {
        assert.ok(type, asked[index]);
        assert.equal(told(type), answers[index]?.split("\n"), asked[index]);
      }
    }));

  test(`${built}, when variables are asked for by name, then each is at its symbol`, () =>
    withTemporaryFolder(async (folder) => {
      const { path, names } = await builtNames(folder, flags);
      for (const line of binutils("nm", path).matchAll(/^([0-9a-f]+) [bB] ([a-z]\w*)$/gm)) {
        const [, address = "", name = ""] = line;
        assert.equal(names.variable(name)?.locate(UNKNOWN), { kind: "memory", address: BigInt(`0x${address}`) }, name);
      }
      const [, calls = ""] = /^([0-9a-f]+) b calls\.0$/m.exec(binutils("nm", path)) ?? [];
      const found = names.variable("sum::calls")?.locate(UNKNOWN);
      assert.equal(found, { kind: "memory", address: BigInt(`0x${calls}`) });
      assert.is(names.variable("nothing"), undefined);
      assert.is(names.typeNamed("struct nothing"), undefined);
      assert.equal(
        names
          .functionType("queue_put")
          ?.parameters()
          .map(({ name }) => name),
        [...["queue", "run", "argument", "urgency"]],
      );
    }));

  test(`${built}, when the frame of each instruction is asked for, then its rules are readelf's`, () =>
    withTemporaryFolder(async (folder) => {
      const { path, names } = await builtNames(folder, flags);
      agreeFrames(path, names);
    }));
}

test.run();
