import { join } from "node:path";
import { readFileSync, writeFileSync } from "node:fs";

import { suite } from "uvu";
import * as assert from "uvu/assert";

import { disassemble } from "../../../src/machine/isa/disassemble.js";
import { readElfSymbols } from "../../../src/machine/elf.js";
import { RAM_BASE } from "../../../src/machine/engine/layout.js";
import { isCode, SymbolTable } from "../../../src/machine/symbol-table.js";
import { profile } from "../../../src/streams/past/profile.js";
import { type Recording } from "../../../src/streams/past/recording.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { DEMO, foldvm, testStdio } from "../../cli/command-line.js";
import { DEMO_ELF } from "../../support/demo-guest.js";
import { HARTS_ELF } from "../../support/harts-guest.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

const test = suite("a profile");

const withRecording = (work: (recording: Recording, path: string) => Promise<void> | void): Promise<void> =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.fold");
    const stdio = testStdio();
    stdio.stdin.end("crc\nprimes 3000\npoweroff\n");
    await foldvm(["record", "-q", "-o", path, ...DEMO], stdio);
    await work(openRecording(path), path);
  });

test("given a recording, when sampled, then each sample is the pc of the state at that icount, with its code", async () => {
  await withRecording((recording) => {
    const everyInsns = Math.floor(recording.info.instructions / 9);
    const { samples, stretches } = profile(recording, { everyInsns });
    const seen = stretches.flatMap(({ instructions }) =>
      instructions.flatMap(({ address, samples: times, text }) =>
        Array.from({ length: times }, () => `${String(address)} ${String(text)}`),
      ),
    );
    const expected = Array.from({ length: samples }, (_, index) => {
      const { harts, ram } = recording.at((index + 1) * everyInsns);
      const pc = harts[0]?.fields.pc ?? 0n;
      const bytes = ram.read(Number(pc) - RAM_BASE, 4);
      return `${String(pc)} ${disassemble(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true))}`;
    });
    assert.is(samples, 9);
    assert.equal(seen.sort(), expected.sort());
  });
});

test("given a recording, when profiled twice, then both are equal, and functions have the names of the image", async () => {
  await withRecording((recording, path) => {
    const first = profile(recording);
    assert.equal(profile(openRecording(path)), first);
    assert.ok(first.samples > 5_000, String(first.samples));
    const known = new Set(readElfSymbols(readFileSync(DEMO_ELF)).map(({ name }) => name));
    for (const { name } of first.functions.slice(0, 5)) assert.ok(known.has(name), name);
    const shares = first.functions.reduce((sum, { samples }) => sum + samples, 0);
    assert.is(shares, first.samples);
  });
});

test("given a System.map, when the command is asked, then its names are used and the hottest come first", async () => {
  await withRecording(async (_, path) => {
    const map = `${path}.map`;
    writeFileSync(map, "0000000080000000 T whole_program\n0000000080000004 D no_code\n");
    const { code, stdout } = await foldvm(["profile", path, "--symbols", map, "--top", "3", "--json"]);
    assert.is(code, 0);
    const { functions } = JSON.parse(stdout) as { functions: { name: string; samples: number }[] };
    assert.ok(functions.length <= 3);
    assert.ok((functions[0]?.samples ?? 0) >= (functions[1]?.samples ?? 0));
    const shown = await foldvm(["profile", path]);
    assert.match(
      shown.stdout,
      /^[\d,]+ samples, one in [\d,]+ of [\d,]+ instructions\n\nfunctions\n +\d+\.\d % {2}M {2}\w+$/m,
    );
    assert.match(shown.stdout, /^ +\d+\.\d % +0x8\w+ {2}\w+/m);
  });
});

test("given a file without names, when named with --symbols, then the error says what to give", async () => {
  await withRecording(async (_, path) => {
    const { code, stderr } = await foldvm(["profile", path, "--symbols", path]);
    assert.is(code, 66);
    assert.match(stderr, /names nothing: give an ELF file that was not stripped, or a System\.map/);
  });
});

test("given a recording of an ELF file, when its symbols are asked for, then functions and data are there, and a profile has code alone", async () => {
  await withRecording(async (recording) => {
    const symbols = recording.symbols();
    assert.ok(symbols.some(({ kind, sizeBytes }) => kind === "object" && sizeBytes > 0n));
    const data = new Set(symbols.filter((symbol) => !isCode(symbol)).map(({ name }) => name));
    assert.not.ok(profile(recording).functions.some(({ name }) => data.has(name)));
  });
});

test("given symbols with and without sizes, when looked up, then an address beyond its symbol has none", () => {
  const table = new SymbolTable([
    { name: "b", address: 0x100n, sizeBytes: 0n, kind: "label" },
    { name: "a", address: 0x10n, sizeBytes: 0x20n, kind: "function" },
  ]);
  assert.is(table.find(0xfn), undefined);
  assert.is(table.find(0x2fn)?.name, "a");
  assert.is(table.find(0x30n), undefined);
  assert.is(table.find(0x1_0000n)?.name, "b");
  assert.is(table.find(0x1_0100n), undefined);
});

test("given several harts, when profiled, then each sample is the one's whose turn it was, and --hart takes one's alone", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.fold");
    const machine = ["--smp", "3", "--bios", "none", "--kernel", HARTS_ELF, "--append", "lock-lrsc"];
    await foldvm(["record", "-q", "-o", path, ...machine]);
    const recording = openRecording(path);
    const everyInsns = 997;
    const { samples, byHart, functions, stretches } = profile(recording, { everyInsns });
    const expected = [0, 0, 0];
    for (let icount = everyInsns; icount <= samples * everyInsns; icount += everyInsns) {
      const { hart } = recording.at(icount).schedule;
      expected[hart] = (expected[hart] ?? 0) + 1;
    }
    assert.equal(byHart, expected);
    for (const rows of [functions, stretches])
      assert.equal(
        byHart.map((_, hart) => rows.reduce((sum, row) => sum + (row.byHart[hart] ?? 0), 0)),
        expected,
      );
    const second = profile(recording, { everyInsns, hart: 1 });
    assert.equal([second.samples, second.byHart], [expected[1], [0, expected[1], 0]]);
    assert.throws(() => profile(recording, { hart: 3 }), /hart 3/);
    const { stdout } = await foldvm(["profile", path]);
    assert.match(stdout, /\nfunctions\n +all +hart 0 +hart 1 +hart 2\n( +[\d.]+ %){4}\n( +[\d.]+ %){4} {2}M {2}\w+\n/);
    assert.match(stdout, / by harts? \d/);
    const { code, stderr } = await foldvm(["profile", path, "--hart", "3"]);
    assert.is(code, 2);
    assert.match(stderr, /--hart 3: the recording has 3 harts, from 0 on/);
  });
});

test.run();
