// A moment as a core file: every byte of RAM by physical address, what the page table maps by virtual address, and the
// harts' registers.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { physicalAddressOf } from "../../../../src/machine/inspect.js";
import { DRAM_BASE } from "../../../../src/machine/memory-map.js";
import { Ram, RAM_PAGE_BYTES } from "../../../../src/machine/ram.js";
import type { MachineState } from "../../../../src/machine/state.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { toCore } from "../../../../src/streams/past/core/to-core.js";
import { MAX_MAPPED_SEGMENTS } from "../../../../src/streams/past/core/segments.js";
import { joined, readCore } from "../../../support/core-file.js";
import { seededRandom, freshSeed } from "../../../support/seeded-random.js";
import { spinning } from "../../../support/tiny-guests.js";

const PAGES = 4096;
const BASE = BigInt(DRAM_BASE);
const blank = openMachine({ memory: "16M", smp: 2, kernel: spinning(), seed: "core" }).machine.state();
const V = 1n;
const LEAF = 0xcfn;

const pageOf = (words: readonly (readonly [number, bigint])[]): { bytes: Uint8Array; digest: bigint } => {
  const bytes = new Uint8Array(RAM_PAGE_BYTES);
  for (const [index, word] of words) new DataView(bytes.buffer).setBigUint64(8 * index, word, true);
  return { bytes, digest: 0n };
};
const textPage = (bytes: Buffer): { bytes: Uint8Array; digest: bigint } => {
  const page = new Uint8Array(RAM_PAGE_BYTES);
  page.set(bytes);
  return { bytes: page, digest: 0n };
};

type Pages = Parameters<Ram["with"]>[0];
const entry = (page: number, flags: bigint): bigint => (((BASE >> 12n) + BigInt(page)) << 10n) | flags;

/** Of two harts the second one's page table, whose top is in a page of RAM; the first one's addresses are physical. */
const stateWith = (pages: Pages, root?: number): MachineState => {
  const [first, second] = blank.harts;
  const satp = root === undefined ? 0n : (8n << 60n) | ((BASE >> 12n) + BigInt(root));
  if (first === undefined || second === undefined) throw new Error("two harts");
  const harts = [first, { ...second, fields: { ...second.fields, satp } }];
  return { ...blank, harts, ram: Ram.zeros(PAGES).with(pages) };
};

test("given RAM with something here and there, when it is written as a core, then each page is there by physical address, and long runs of zeros are not in the file", () => {
  const written = [0, 1, 700, 1200, 4095];
  const state = stateWith(written.map((page) => [page, pageOf([[page % 512, BigInt(page) + 1n]])]));
  const made = toCore(state);
  const file = joined(made);
  const core = readCore(file);
  for (let page = 0; page < PAGES; page += 1) {
    const bytes = core.physical(BASE + BigInt(page * RAM_PAGE_BYTES), RAM_PAGE_BYTES);
    assert.equal(bytes, state.ram.read(page * RAM_PAGE_BYTES, RAM_PAGE_BYTES), `page ${String(page)}`);
    assert.equal(core.virtual(BASE + BigInt(page * RAM_PAGE_BYTES), RAM_PAGE_BYTES), bytes);
  }
  assert.is(file.length, made.byteLength);
  assert.ok(file.length < 10 * RAM_PAGE_BYTES, String(file.length));
  assert.equal(joined(made), file, "it can be read again");
  assert.equal([core.type, core.machine, made.isWhole, made.vmcoreinfo], [4, 243, true, undefined]);
});

test("given RAM of zeros, then all of it is there and nothing in the file", () => {
  const core = readCore(joined(toCore(stateWith([]))));
  assert.equal(
    core.loads.map(({ physical, bytes, fileBytes }) => [physical, bytes, fileBytes]),
    [[BASE, PAGES * RAM_PAGE_BYTES, 0]],
  );
});

test("given a recorded moment, then the notes have each hart's registers", () => {
  const recording = openRecording("logs/session.fold");
  const state = recording.at(recording.info.instructions >> 1);
  const { notes } = readCore(joined(toCore(state)));
  assert.equal(
    notes.map(({ name, type }) => [name, type]),
    state.harts.flatMap(() => [
      ["CORE", 1],
      ["CORE", 2],
    ]),
  );
  state.harts.forEach(({ x, f, fields }, hart) => {
    const [general, float] = [notes[2 * hart]?.descriptor, notes[2 * hart + 1]?.descriptor];
    assert.is(general?.getUint32(32, true), hart + 1);
    const read = Array.from({ length: 32 }, (_, index) => general?.getBigUint64(112 + 8 * index, true));
    assert.equal(read, [fields.pc, ...x.slice(1)]);
    assert.equal(
      Array.from({ length: 32 }, (_, index) => float?.getBigUint64(8 * index, true)),
      [...f],
    );
    assert.is(float?.getUint32(256, true), Number((fields.frm << 5n) | fields.fflags));
  });
  recording.close();
});

test("given random page tables, then each address is in the core as a hart would find it, and no other", () => {
  const seed = freshSeed();
  const random = seededRandom(seed);
  for (let round = 0; round < 40; round += 1) {
    const indices = [0, 1, 2, 255, 256, 511];
    const some = (): number => indices[random(indices.length)] ?? 0;
    // Pages 0 to 7 are tables; pointers and leaves lead anywhere, also out of RAM and back to a table.
    const table = (): readonly (readonly [number, bigint])[] =>
      Array.from({ length: 4 }, () => {
        const kind = random(4);
        if (kind === 0) return [some(), entry(random(8), random(4) === 0 ? V | 0x40n : V)];
        if (kind === 1) return [some(), entry(random(8) * 512, LEAF)];
        if (kind === 2) return [some(), BigInt(random(1 << 30)) * 4n + 3n];
        return [some(), entry(random(PAGES + 8), LEAF)];
      });
    const state = stateWith(
      Array.from({ length: 12 }, (_, page) => [page, pageOf(table())]),
      random(8),
    );
    const core = readCore(joined(toCore(state)));
    for (const top of indices)
      for (const middle of indices)
        for (const low of indices) {
          const virtual = BigInt.asUintN(
            64,
            BigInt.asIntN(39, BigInt(top) << 30n) | BigInt((middle << 21) | (low << 12)),
          );
          const physical = physicalAddressOf(Object.assign(Object.create(state) as MachineState, { hart: 1 }), virtual);
          const isRam = physical !== undefined && physical >= BASE && physical < BASE + BigInt(state.ram.byteLength);
          // What no mapping reaches is there as a hart without translation sees it.
          if (!isRam && virtual >= BASE && virtual < BASE + BigInt(state.ram.byteLength)) continue;
          const expected = isRam ? state.ram.read(Number(physical - BASE), RAM_PAGE_BYTES) : undefined;
          const where = `FOLDVM_SEED=${String(seed)}, round ${String(round)}, ${virtual.toString(16)}`;
          assert.equal(core.virtual(virtual, RAM_PAGE_BYTES), expected, where);
        }
    const seen = Object.assign(Object.create(state) as MachineState, { hart: 1 });
    const overlaps = core.loads.filter(
      (one) =>
        one.virtual === one.physical &&
        // A mapping may lead to the very address, too.
        physicalAddressOf(seen, one.virtual) !== one.physical &&
        core.loads.some(
          (other) =>
            other !== one &&
            other.physical < one.physical + BigInt(one.bytes) &&
            one.physical < other.physical + BigInt(other.bytes),
        ),
    );
    assert.equal(overlaps, [], "what a mapping reaches is not there a second time");
    for (let page = 0; page < PAGES; page += 97) {
      const at = core.physical(BASE + BigInt(page * RAM_PAGE_BYTES), RAM_PAGE_BYTES);
      assert.equal(at, state.ram.read(page * RAM_PAGE_BYTES, RAM_PAGE_BYTES));
    }
  }
});

test("given a hart by its number, then the virtual addresses are that one's; one that the machine has not is refused", () => {
  const state = stateWith(
    [
      [0, pageOf([[2, entry(1, LEAF) & ~(0x1ffn << 10n)]])],
      [512, pageOf([[0, 7n]])],
    ],
    0,
  );
  const address = 2n << 30n;
  assert.ok(readCore(joined(toCore(state, { hart: 1 }))).loads.some(({ virtual }) => virtual === address));
  const first = readCore(joined(toCore(state, { hart: 0 })));
  assert.equal(
    first.loads.map(({ virtual }) => virtual),
    first.loads.map(({ physical }) => physical),
  );
  assert.throws(() => toCore(state, { hart: 2 }), /hart 2: the machine has 2, from 0 on/);
});

/** A table whose leaves alternate, so that no two pages of it lie side by side; its pointers lead back to it. */
const tangled = (): MachineState => {
  const leaves = Array.from({ length: 512 }, (_, index): [number, bigint] => [index, entry(100 + 2 * index, LEAF)]);
  const pointers = (page: number): [number, bigint][] => leaves.map(([index]) => [index, entry(page, V)]);
  return stateWith(
    [
      [0, pageOf(pointers(1))],
      [1, pageOf(pointers(2))],
      [2, pageOf(leaves)],
    ],
    0,
  );
};

test("given a page table that maps more than a core can say, then that is told, and all of RAM is there by physical address", () => {
  const state = tangled();
  const made = toCore(state);
  assert.is(made.isWhole, false);
  const core = readCore(joined(made));
  assert.is(core.loads.filter(({ virtual, physical }) => virtual !== physical).length, MAX_MAPPED_SEGMENTS);
  for (let page = 0; page < PAGES; page += 31) {
    const at = core.physical(BASE + BigInt(page * RAM_PAGE_BYTES), RAM_PAGE_BYTES);
    assert.equal(at, state.ram.read(page * RAM_PAGE_BYTES, RAM_PAGE_BYTES));
  }
});

const vmcoreinfo = (text: string, { nameBytes = 11, bytes = text.length } = {}): Buffer => {
  const header = Buffer.alloc(12);
  header.writeUInt32LE(nameBytes, 0);
  header.writeUInt32LE(bytes, 4);
  return Buffer.concat([header, Buffer.from("VMCOREINFO\0\0"), Buffer.from(text)]);
};

test("given a kernel's note of itself in RAM, then it is a note of the core; what only looks like one is none", () => {
  const text = "OSRELEASE=6.12\nPAGESIZE=4096\n";
  const lookalikes = [
    vmcoreinfo("PAGESIZE=1\n"),
    vmcoreinfo(text, { nameBytes: 12 }),
    vmcoreinfo(text, { bytes: 4073 }),
  ];
  const state = stateWith([...lookalikes, vmcoreinfo(text)].map((note, index) => [3 + index, textPage(note)]));
  const made = toCore(state);
  assert.is(made.vmcoreinfo, text);
  const note = readCore(joined(made)).notes.at(-1);
  assert.equal([note?.name, note?.type, note?.descriptor.byteLength], ["VMCOREINFO", 0, text.length]);
});

test.run();
