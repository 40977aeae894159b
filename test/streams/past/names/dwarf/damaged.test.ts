/** Damaged debugging information: each question is answered or gets an error that says what is wrong. */
import { readFileSync } from "node:fs";

import { test } from "uvu";
import * as assert from "uvu/assert";

import type { NameSource } from "../../../../../src/streams/past/names/name-source.js";
import { DwarfError, dwarfNames } from "../../../../../src/streams/past/names/dwarf/index.js";
import { bytesSource } from "../../../../../src/streams/store/log/byte-source.js";
import { guestElf } from "../../../../support/guest-build.js";
import { freshSeed, seededRandom } from "../../../../support/seeded-random.js";

const ELF = readFileSync(guestElf("names"));
const ENTRY = 0x8000_0000n;

/** A frame in which everything is known. */
const FRAME = {
  pc: ENTRY + 0x280n,
  register: () => 0x8000_1000n,
  canonicalFrameAddress: () => 0x8000_2000n,
  read: (_: bigint, bytes: number) => new Uint8Array(bytes).fill(7),
};

/** Asks everything that there is to ask. */
function askAll(names: NameSource): void {
  for (let pc = ENTRY; pc < ENTRY + 0x500n; pc += 0x40n) {
    attempt(() => names.linesAt?.(pc));
    attempt(() => {
      const rules = names.unwindRules?.(pc);
      const address = rules?.canonicalFrameAddress(FRAME);
      for (let register = 0; register < 32; register++) rules?.register(register, FRAME, address ?? 0n);
    });
    attempt(() => names.variablesAt?.(pc).map((one) => one.locate({ ...FRAME, pc })));
  }
  for (const name of ["q", "buf", "sum::calls", "job"])
    attempt(() => names.variable?.(name, ENTRY + 0x280n)?.locate(FRAME));
  for (const name of ["struct job", "urgency", "uint64_t"]) {
    attempt(() => {
      const type = names.typeNamed?.(name);
      if (type?.kind === "structure") type.members().map((member) => member.type());
      if (type?.kind === "enumeration") type.enumerators();
      if (type?.kind === "alias") type.target();
    });
  }
  attempt(() =>
    names
      .functionType?.("fill")
      ?.parameters()
      .map((one) => one.type()),
  );
  attempt(() => names.addressesOf?.("queue.c", 32));
  attempt(() => names.symbols());
}

function attempt(ask: () => unknown): void {
  try {
    ask();
  } catch (fault) {
    if (!(fault instanceof DwarfError)) throw fault;
    assert.match(fault.message, /^names\.elf: \S+.*\+0x[0-9a-f]+: .+; .+/);
  }
}

const open = (bytes: Uint8Array): void => {
  attempt(() => {
    const names = dwarfNames(bytesSource(bytes), "names.elf");
    if (names !== undefined) askAll(names);
  });
};

const ROUNDS = 150;

test("given a byte of the file that is another one, when all is asked, then nothing else than a DwarfError is thrown", () => {
  const seed = freshSeed();
  const random = seededRandom(seed);
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = Uint8Array.from(ELF);
    const places = Array.from({ length: 1 + random(6) }, () => random(bytes.length));
    for (const place of places) bytes[place] = [0, 0xff, 0x7f, 0x80, random(256)][random(5)] ?? 0;
    try {
      open(bytes);
    } catch (fault) {
      throw new Error(`FOLDVM_SEED=${String(seed)}, round ${String(round)}, bytes ${places.join()}: ${String(fault)}`, {
        cause: fault,
      });
    }
  }
});

test("given a file that is cut off, when all is asked, then nothing else than a DwarfError is thrown", () => {
  for (let length = 0; length < ELF.length; length += 397) open(ELF.subarray(0, length));
});

test("given what is no ELF file, or has no debugging information, then there are no names", () => {
  assert.is(dwarfNames(bytesSource(new Uint8Array(3)), "none"), undefined);
  assert.is(dwarfNames(bytesSource(new Uint8Array(300)), "none"), undefined);
  assert.is(dwarfNames(bytesSource(readFileSync("guests/bench/elf/fib.elf")), "fib.elf"), undefined);
});

test("given an ELF file of 32 bits, then the error names file, place and remedy", () => {
  const bytes = Uint8Array.from(ELF);
  bytes[4] = 1;
  assert.throws(
    () => dwarfNames(bytesSource(bytes), "small.elf"),
    (fault: unknown) =>
      fault instanceof DwarfError &&
      fault.code === "UNSUPPORTED" &&
      fault.message === "small.elf: ELF header+0x4: it is not for a 64-bit little-endian machine; build it for riscv64",
  );
});

test.run();
