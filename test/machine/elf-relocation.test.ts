/** Position-independent programs, at another address than they were linked for. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { boot } from "../../src/machine/boot/boot.js";
import { bootSymbols } from "../../src/machine/boot/boot-symbols.js";
import { ElfError, readElf } from "../../src/machine/elf.js";
import { relocateElf } from "../../src/machine/elf-relocation.js";
import { elfFile } from "./elf-file.js";

const MIB = 2 ** 20;
const BASE = 0x8000_0000n;
const [DYNAMIC, RELA, SYMBOLS, TARGETS, END] = [0x100, 0x200, 0x300, 0x400, 0x500];
const [RELATIVE, ABSOLUTE, JUMP_SLOT] = [3n, 2n, 5n];

interface Row {
  readonly type: bigint;
  readonly offset?: bigint;
  readonly symbol?: bigint;
  readonly addend?: bigint;
}

/**
 * A program linked at 0 (or `at`): its dynamic section, relocations, two symbols (defined at 0x40; weak and undefined).
 */
function program({
  rows = [],
  at = 0n,
  tags = [],
}: {
  rows?: Row[];
  at?: bigint;
  tags?: [bigint, bigint][];
}): Uint8Array {
  const bytes = new Uint8Array(END);
  const view = new DataView(bytes.buffer);
  const word = (offset: number, value: bigint): void => view.setBigUint64(offset, BigInt.asUintN(64, value), true);
  const dynamic: [bigint, bigint][] = [
    [6n, at + BigInt(SYMBOLS)],
    [7n, at + BigInt(RELA)],
    [8n, BigInt(rows.length * 24)],
    ...tags,
    [0n, 0n],
  ];
  dynamic.slice(0, (END - DYNAMIC) / 16).forEach(([tag, value], index) => {
    word(DYNAMIC + index * 16, tag);
    word(DYNAMIC + index * 16 + 8, value);
  });
  rows.forEach(({ type, offset = at + BigInt(TARGETS), symbol = 0n, addend = 0n }, index) => {
    word(RELA + index * 24, offset);
    word(RELA + index * 24 + 8, (symbol << 32n) | type);
    word(RELA + index * 24 + 16, addend);
  });
  // Symbol 1 is global and defined, 2 weak and undefined, 3 global and undefined.
  view.setUint16(SYMBOLS + 24 + 6, 1, true);
  word(SYMBOLS + 24 + 8, at + 0x40n);
  bytes[SYMBOLS + 48 + 4] = 0x20;
  bytes[SYMBOLS + 72 + 4] = 0x10;
  return elfFile({
    ...{ type: 3, entry: at + 8n },
    segments: [{ physicalAddress: at, bytes, memoryBytes: 2 * MIB }],
    dynamic: { address: at + BigInt(DYNAMIC) },
  });
}

const wordAt = (bytes: Uint8Array, offset: number): bigint =>
  new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(offset, true);

const bytesOf = (file: Uint8Array): Uint8Array =>
  relocateElf(readElf(file), BASE, "x").segments[0]?.bytes ?? new Uint8Array(0);

const errorOf = (file: Uint8Array): ElfError => {
  try {
    boot({ memoryBytes: 4 * MIB, bios: file });
  } catch (error) {
    if (error instanceof ElfError) return error;
    throw error;
  }
  throw new Error("it was taken");
};

test("given a program linked at 0, when it is the firmware, then it lies at the start of RAM and starts there", () => {
  const { segments, startAddress } = boot({ memoryBytes: 4 * MIB, bios: program({}) });
  assert.equal([segments[0]?.address, startAddress], [BASE, BASE]);
});

test("given firmware, when the kernel is linked at 0, then it lies behind it, at 2 MiB", () => {
  const { segments } = boot({ memoryBytes: 8 * MIB, bios: Uint8Array.of(1), kernel: program({}) });
  assert.is(segments.find(({ name }) => name === "kernel")?.address, BASE + 0x20_0000n);
});

test("given a program that can run anywhere and is linked in RAM, when it is placed, then it stays as it is", () => {
  const at = BASE + 0x10_0000n;
  const { segments } = boot({ memoryBytes: 4 * MIB, kernel: program({ at, rows: [{ type: RELATIVE, addend: 5n }] }) });
  const kernel = segments.find(({ name }) => name === "kernel");
  assert.is(kernel?.address, at);
  assert.is(wordAt(kernel?.bytes ?? new Uint8Array(0), TARGETS), 0n);
});

test("given relative and absolute relocations, when moved, then each word is what a loader would leave", () => {
  const rows = [
    { type: RELATIVE, addend: 0x123n },
    { type: ABSOLUTE, symbol: 1n, offset: BigInt(TARGETS) + 8n, addend: 2n },
    { type: ABSOLUTE, symbol: 2n, offset: BigInt(TARGETS) + 16n, addend: 7n },
    { type: 0n, offset: 1n << 60n },
  ];
  const file = program({ rows });
  const before = file.slice();
  const bytes = bytesOf(file);
  assert.equal(
    [0, 8, 16].map((offset) => wordAt(bytes, TARGETS + offset)),
    [BASE + 0x123n, BASE + 0x42n, 7n],
  );
  assert.equal(file, before, "the file itself is left alone");
});

test("given a program that is not linked at a page's start, when moved, then it keeps its place in the page", () => {
  const { segments, entry } = relocateElf(readElf(program({ at: 0x1230n })), BASE, "x");
  assert.equal([segments[0]?.physicalAddress, entry], [BASE + 0x230n, BASE + 0x238n]);
});

for (const [what, file, code, message] of [
  ["another type of relocation", program({ rows: [{ type: JUMP_SLOT }] }), "ELF_NEEDS_LINKING", /type 5.*\.bin file/],
  [
    "a symbol of another file",
    program({ rows: [{ type: ABSOLUTE, symbol: 3n }] }),
    "ELF_NEEDS_LINKING",
    /another file/,
  ],
  ["a shared library", program({ tags: [[1n, 1n]] }), "ELF_NEEDS_LINKING", /shared library/],
  ["packed relocations", program({ tags: [[36n, 1n]] }), "ELF_NEEDS_LINKING", /packed/],
  [
    "a target beyond its bytes",
    program({ rows: [{ type: RELATIVE, offset: BigInt(END) - 7n }] }),
    "ELF_MALFORMED",
    /0x4f9/,
  ],
  [
    "a symbol beyond its bytes",
    program({ rows: [{ type: ABSOLUTE, symbol: 0xffff_ffffn }] }),
    "ELF_MALFORMED",
    /no bytes/,
  ],
  ["a table beyond its bytes", program({ tags: [[8n, 1n << 62n]] }), "ELF_MALFORMED", /0x200/],
  [
    "a dynamic section without end",
    program({ tags: Array.from({ length: 61 }, () => [99n, 1n]) }),
    "ELF_MALFORMED",
    /0x500/,
  ],
] as const) {
  test(`given a program with ${what}, when it must move, then it is refused and told why`, () => {
    const error = errorOf(file);
    assert.is(error.code, code);
    assert.match(error.message, message);
  });
}

test("given a moved program without symbols, when they are read, then there are none", () => {
  assert.equal(bootSymbols({ memoryBytes: 4 * MIB, kernel: program({}) }), []);
});

test.run();
