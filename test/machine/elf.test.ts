import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { ElfError, isElf, readElf, readElfSymbols } from "../../src/machine/elf.js";
import { requires } from "../support/requires.js";
import { elfFile } from "./elf-file.js";

const bytes = Uint8Array.of(1, 2, 3, 4);
const good = elfFile({ entry: 0x8000_0000n, segments: [{ physicalAddress: 0x8000_0000n, bytes, memoryBytes: 16 }] });

const errorOf = (action: () => unknown): { code: string; message: string } => {
  try {
    action();
  } catch (error) {
    if (error instanceof ElfError) return error;
    throw error;
  }
  return { code: "no error", message: "" };
};

const changed = (offset: number, value: number): Uint8Array => {
  const copy = good.slice();
  copy[offset] = value;
  return copy;
};

test("given an executable, when it is read, then it gives its segments by physical address, with their zeros counted", () => {
  const elf = readElf(good);
  assert.equal(
    elf.segments.map((segment) => ({ ...segment, bytes: Array.from(segment.bytes) })),
    [
      {
        physicalAddress: 0x8000_0000n,
        virtualAddress: 0x8000_0000n,
        bytes: [1, 2, 3, 4],
        memoryBytes: 16n,
        fileOffset: 4096,
      },
    ],
  );
  assert.is(elf.lowAddress, 0x8000_0000n);
  assert.is(elf.highAddress, 0x8000_0010n);
  assert.is(elf.entry, 0x8000_0000n);
});

test("given a kernel linked at a virtual address, when it is read, then its entry is physical", () => {
  const virtualAddress = 0xffff_ffff_8000_0000n;
  const segments = [{ physicalAddress: 0x8020_0000n, virtualAddress, bytes }];
  assert.is(readElf(elfFile({ entry: virtualAddress + 2n, segments })).entry, 0x8020_0002n);
});

for (const [what, file, code, message] of [
  ["a text", new TextEncoder().encode("#!/bin/sh\n"), "ELF_NOT_ELF", /does not begin with/],
  ["no bytes", new Uint8Array(0), "ELF_NOT_ELF", /./],
  ["half a header", good.subarray(0, 32), "ELF_TRUNCATED", /ends at byte 64, and the file has 32/],
  ["half a segment", good.subarray(0, good.length - 1), "ELF_TRUNCATED", /segment 0 ends at byte 4100/],
  ["a 32-bit program", changed(4, 1), "ELF_WRONG_CLASS", /32-bit/],
  ["a big-endian program", changed(5, 2), "ELF_WRONG_ENDIANNESS", /big-endian/],
  ["an x86-64 program", elfFile({ machine: 62, segments: [] }), "ELF_WRONG_MACHINE", /x86-64, not for RISC-V/],
  ["an object file", elfFile({ type: 1, segments: [] }), "ELF_NOT_EXECUTABLE", /Link it first/],
  ["a program without segments", elfFile({ segments: [] }), "ELF_NOTHING_TO_LOAD", /PT_LOAD/],
  [
    "more bytes in the file than in memory",
    elfFile({ segments: [{ physicalAddress: 0n, bytes, memoryBytes: 3 }] }),
    "ELF_MALFORMED",
    /segment 0/,
  ],
  [
    "segments that overlap",
    elfFile({
      segments: [
        { physicalAddress: 0x8000_0002n, bytes },
        { physicalAddress: 0x8000_0000n, bytes },
      ],
    }),
    "ELF_SEGMENTS_OVERLAP",
    /0x80000000 ends at 0x80000004, inside the segment at 0x80000002/,
  ],
] as const) {
  test(`given ${what}, when it is read as ELF, then the error is ${code} and names the file`, () => {
    const error = errorOf(() => readElf(file, "The kernel"));
    assert.is(error.code, code);
    assert.match(error.message, message);
    assert.match(error.message, /^The kernel/);
  });
}

test("given any header byte changed, when it is read, then it gives segments or a typed error, and returns", () => {
  for (let offset = 0; offset < 64 + 56; offset += 1) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      errorOf(() => readElf(changed(offset, value)));
      errorOf(() => readElfSymbols(changed(offset, value)));
    }
  }
});

test("given a program without a symbol table, when its symbols are read, then there are none", () => {
  assert.equal(readElfSymbols(good), []);
});

/** A file with so many symbols, each of which has the same name. */
const withSymbols = (count: number, nameBytes: number): Uint8Array => {
  const names = new Uint8Array(1 + nameBytes).fill(0x61, 1);
  const sections = good.length;
  const strings = sections + 3 * 64;
  const table = strings + names.length;
  const file = new Uint8Array(table + 24 * count);
  file.set(good);
  file.set(names, strings);
  const view = new DataView(file.buffer);
  view.setBigUint64(40, BigInt(sections), true);
  view.setUint16(58, 64, true);
  view.setUint16(60, 3, true);
  for (const [index, type, offset, bytes] of [
    [1, 3, strings, names.length],
    [2, 2, table, 24 * count],
  ] as const) {
    const row = sections + 64 * index;
    view.setUint32(row + 4, type, true);
    view.setBigUint64(row + 0x18, BigInt(offset), true);
    view.setBigUint64(row + 0x20, BigInt(bytes), true);
    view.setUint32(row + 0x28, 1, true);
  }
  for (let at = table; at < file.length; at += 24) {
    view.setUint32(at, 1, true);
    view.setUint8(at + 4, 2);
    view.setUint16(at + 6, 1, true);
  }
  return file;
};

test("given a symbol's name as long as may be, when it has a byte more, then that is cut off", () => {
  for (const nameBytes of [4095, 4096, 4097]) {
    const [symbol] = readElfSymbols(withSymbols(1, nameBytes));
    assert.is(symbol?.name.length, Math.min(nameBytes, 4096));
  }
});

test("given symbols that share a name of megabytes, when they are read, then they are not as large together", () => {
  const symbols = readElfSymbols(withSymbols(1000, 1 << 22));
  assert.is(symbols.length, 1000);
  assert.ok(symbols.every(({ name }) => name.length === 4096));
});

if (requires("the symbols that the compiler wrote", ["riscv64-unknown-elf-gcc"])) {
  test("given a compiled program, when its symbols are read, then they are those that were declared", () => {
    const folder = mkdtempSync(join(tmpdir(), "foldvm-elf-"));
    try {
      writeFileSync(
        join(folder, "a.s"),
        ".globl f\n.type f,@function\nf: nop\nret\n.size f,.-f\nlabel: j f\n.data\n.type d,@object\nd: .dword 1\n.size d,8\n",
      );
      const link = ["-nostdlib", "-Wl,-Ttext=0x80000000,-Tdata=0x80001000,-ef"];
      execFileSync("riscv64-unknown-elf-gcc", ["-march=rv64g", "-mabi=lp64d", ...link, "a.s"], { cwd: folder });
      const file = new Uint8Array(readFileSync(join(folder, "a.out")));
      assert.ok(isElf(file));
      const symbols = readElfSymbols(file);
      const named = (name: string) => symbols.find((symbol) => symbol.name === name);
      assert.equal(named("f"), { name: "f", address: 0x8000_0000n, sizeBytes: 8n, kind: "function" });
      assert.equal(named("label"), { name: "label", address: 0x8000_0008n, sizeBytes: 0n, kind: "label" });
      assert.equal(named("d"), { name: "d", address: 0x8000_1000n, sizeBytes: 8n, kind: "object" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test.run();
