/** Position-independent programs, at another address than they were linked for. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { boot } from "../../src/machine/boot/boot.js";
import { BootError } from "../../src/machine/boot/boot-error.js";
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

const errorOf = (file: Uint8Array, memoryBytes = 4 * MIB): ElfError | BootError => {
  try {
    boot({ memoryBytes, bios: file });
  } catch (error) {
    if (error instanceof ElfError || error instanceof BootError) return error;
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

test("given a program that does not fit into RAM, then that is told before any of it is copied or looked into", () => {
  const damaged = program({ rows: [{ type: JUMP_SLOT }] });
  assert.is(errorOf(damaged, 2 * MIB).code, "ELF_NEEDS_LINKING", "it needs 2 MiB");
  const { code, message } = errorOf(damaged, 2 * MIB - 4096);
  assert.is(code, "BOOT_OUTSIDE_MEMORY");
  assert.match(message, "it needs 0x80000000..0x80200000, and RAM is 0x80000000..0x801ff000");
});

const segmentsAt = (addresses: readonly bigint[], virtualAddress = (index: number): bigint => addresses[index] ?? 0n) =>
  addresses.map((physicalAddress, index) => ({
    ...{ physicalAddress, virtualAddress: virtualAddress(index), bytes: new Uint8Array(16) },
  }));

test("given two segments linked for the same addresses, when they must move, then they are refused", () => {
  const overlapping = (by: bigint): Uint8Array =>
    elfFile({
      ...{ type: 3, dynamic: { address: 0x1000n } },
      segments: segmentsAt([0x1000n, 0x2000n], (index) => 0x1000n + BigInt(index) * by),
    });
  assert.not.throws(() => bytesOf(overlapping(16n)));
  const { code, message } = errorOf(overlapping(15n));
  assert.is(code, "ELF_SEGMENTS_OVERLAP");
  assert.match(message, "two segments have bytes for 0x100f");
});

test("given a program of many segments, in another order than they are linked, when moved, then each word is found", () => {
  const count = 1000;
  const headers = program({ rows: [] });
  const elf = readElf(headers);
  const [first] = elf.segments;
  assert.ok(first);
  // Linked downwards from far above, and loaded upwards.
  const linkedAt = (index: number): bigint => 0x1000_0000n - BigInt(index * 16);
  const others = segmentsAt(
    Array.from({ length: count }, (_, index) => 0x40_0000n + BigInt(index * 16)),
    linkedAt,
  ).map(({ physicalAddress, virtualAddress, bytes }) => ({
    ...{ physicalAddress, virtualAddress, bytes, memoryBytes: 16n, fileOffset: 0 },
  }));
  const rows = new Uint8Array(count * 24);
  others.forEach((_, index) => {
    const view = new DataView(rows.buffer, index * 24);
    view.setBigUint64(0, linkedAt(index) + 8n, true);
    view.setBigUint64(8, RELATIVE, true);
    view.setBigUint64(16, BigInt(index), true);
  });
  const bytes = first.bytes.slice();
  const view = new DataView(bytes.buffer);
  view.setBigUint64(DYNAMIC + 24, 0x2000_0000n, true);
  view.setBigUint64(DYNAMIC + 40, BigInt(rows.length), true);
  const table = { physicalAddress: 0x80_0000n, virtualAddress: 0x2000_0000n, bytes: rows };
  const segments = [{ ...first, bytes }, ...others, { ...table, memoryBytes: BigInt(rows.length), fileOffset: 0 }];
  const moved = relocateElf({ ...elf, segments }, BASE, "x").segments.slice(1, -1);
  assert.is(moved.length, count);
  assert.ok(moved.every((segment, index) => wordAt(segment.bytes, 8) === BASE + BigInt(index)));
});

test("given a moved program without symbols, when they are read, then there are none", () => {
  assert.equal(bootSymbols({ memoryBytes: 4 * MIB, kernel: program({}) }), []);
});

test.run();
