/** A state that was saved is the state that was: every field, in a fresh process, at any moment. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { TYPESCRIPT } from "../../../../scripts/typescript/node-words.js";
import type { MachineState } from "../../../../src/machine/state.js";
import type { MachineEvent } from "../../../../src/reducers/events.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { encodeState, loadState, saveState, StateError } from "../../../../src/streams/store/saved-state/index.js";
import { checksum } from "../../../../src/streams/store/log/checksum.js";
import { MAX_RAW_BYTES, MAX_STORED_BYTES } from "../../../../src/streams/store/log/compression.js";
import { openSavedMachine } from "../../../../src/streams/session/saved-machine.js";
import { Ram, RAM_PAGE_BYTES, type RamPage } from "../../../../src/machine/ram.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";
import { framed, unframed } from "../../../support/framed-sections.js";
import { demoOptions } from "../../../support/demo-guest.js";
import { freshSeed, seededRandom } from "../../../support/seeded-random.js";
import { busyState } from "./busy-state.js";
import { goOn } from "./go-on.js";

const FURTHER_INSNS = 200_000;
const typed = (text: string): MachineEvent[] =>
  [...text].map((letter): MachineEvent => ({ type: "uart16550/byteReceived", byte: letter.charCodeAt(0) }));

function expectCode(code: string, work: () => unknown, what = ""): void {
  try {
    work();
  } catch (fault) {
    if (!(fault instanceof StateError)) throw fault;
    assert.is(fault.code, code, `${what}: ${fault.message}`);
    return;
  }
  assert.unreachable(`${what}: nothing was noticed`);
}

test("given the embedded guest at random moments, when its state is saved and loaded, then it goes on to the same hashes", () => {
  const seed = freshSeed();
  const random = seededRandom(seed);
  const { machine } = openMachine(demoOptions);
  const { machine: other } = openMachine(demoOptions);
  for (let turn = 0; turn < 8; turn += 1) {
    const what = `FOLDVM_SEED=${String(seed)}, turn ${String(turn)}`;
    goOn(machine, 1 + random(300_000), typed("help\r"));
    const state = machine.state();
    const bytes = saveState(state);
    const loaded = loadState(bytes, state);
    assert.equal(Buffer.compare(saveState(loaded), bytes), 0, `${what}: saved again, it is other bytes`);
    other.load(loaded);
    assert.is(other.hash(), machine.hash(), what);
    goOn(machine, FURTHER_INSNS, typed("mem\r"));
    goOn(other, FURTHER_INSNS, typed("mem\r"));
    assert.equal(other.position, machine.position, what);
    assert.is(other.hash(), machine.hash(), what);
  }
});

test("given a timer armed, a bottom half pending, a live queue and input that waits, then all of it is there again", () => {
  const state = busyState();
  const { bottomHalves, clint, virtio, uart16550 } = state.platform;
  assert.is(bottomHalves.pending.length, 1);
  assert.is(clint.mtimecmp[0], 12_345n);
  assert.ok(virtio[0]?.queues[0]?.ready);
  assert.is(uart16550.received.length, 1);
  const loaded = loadState(saveState(state), state);
  for (const key of Object.keys(state) as (keyof MachineState)[]) {
    if (key !== "ram") assert.equal(loaded[key], state[key], key);
  }
  assert.equal(loaded.ram.digest, state.ram.digest);
  assert.equal(loaded.ram.read(0, 4096), state.ram.read(0, 4096));
});

test("given a state in a file, when a fresh process loads it, then it saves the same bytes and goes on alike", () => {
  const folder = mkdtempSync(join(tmpdir(), "foldvm-state-"));
  try {
    const { machine } = openMachine(demoOptions);
    goOn(machine, 150_000, typed("hel"));
    const path = join(folder, "state");
    writeFileSync(path, saveState(machine.state()));
    goOn(machine, FURTHER_INSNS, []);
    const child = fileURLToPath(new URL("fresh-process.ts", import.meta.url));
    const out = execFileSync(process.execPath, [...TYPESCRIPT, child, path, String(FURTHER_INSNS)], {
      encoding: "utf8",
    });
    assert.is(out.trim(), `true ${machine.hash().toString(16)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("given sections in any order, when they are loaded, then the state is the same", () => {
  const state = busyState();
  const bytes = saveState(state);
  const random = seededRandom(freshSeed());
  const { stateHash, sections } = unframed(bytes);
  for (let turn = 0; turn < 10; turn += 1) {
    const shuffled = sections
      .map((section) => ({ section, rank: random(1 << 30) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ section }) => section);
    const loaded = loadState(framed({ stateHash, sections: shuffled }));
    assert.equal(Buffer.compare(saveState(loaded), bytes), 0);
  }
});

test("given a small state, when any end is cut off, then it is an error that says so", () => {
  const bytes = saveState(busyState());
  for (let length = 0; length < bytes.length; length += 1) {
    expectCode(length < 8 ? "NOT_A_STATE" : "INCOMPLETE", () => loadState(bytes.subarray(0, length)), String(length));
  }
});

test("given sections missing, twice, unknown or of another state, then each is an error of its own", () => {
  const { stateHash, sections } = unframed(saveState(busyState()));
  const loads =
    (changed: typeof sections, hash = stateHash) =>
    (): unknown =>
      loadState(framed({ stateHash: hash, sections: changed }));
  const [first] = sections;
  if (first === undefined) throw new Error("a state without sections");
  for (const { name } of sections) {
    const rest = sections.filter((section) => section.name !== name);
    expectCode(name.startsWith("ram") ? "INVALID" : "INCOMPLETE", loads(rest), `without ${name}`);
  }
  expectCode("UNEXPECTED", loads([...sections, first]));
  expectCode("UNEXPECTED", loads([...sections, { name: "platform.toaster", raw: first.raw }]));
  expectCode("INVALID", loads(sections, stateHash ^ 1n));
  expectCode("INVALID", loads(sections.map(({ name, raw }) => ({ name, raw: name === "clock" ? first.raw : raw }))));
  expectCode("UNEXPECTED", () => loadState(Uint8Array.of(...saveState(busyState()), 0)));
  expectCode("NOT_A_STATE", () => loadState(new TextEncoder().encode("FOLD and more")));
});

/** A section of RAM with these pages. */
const ramPages = (...indices: readonly number[]): Uint8Array => {
  const raw = new Uint8Array(indices.length * 4100).fill(7);
  indices.forEach((index, place) => {
    new DataView(raw.buffer).setUint32(place * 4100, index, true);
  });
  return raw;
};

test("given pages that RAM has not, a page twice or a part of one, then each is named", () => {
  const state = busyState();
  const { stateHash, sections } = unframed(saveState(state));
  const rest = sections.filter(({ name }) => !name.startsWith("ram"));
  const loads = (...ram: readonly Uint8Array[]): (() => unknown) => {
    const of = ram.map((raw, index) => ({ name: `ram${String(index)}`, raw }));
    return () => loadState(framed({ stateHash, sections: [...rest, ...of] }));
  };
  const { pageCount } = state.ram;
  // The last page there is: it is the state that is another.
  assert.throws(loads(ramPages(pageCount - 1)), /do not make the state/);
  assert.throws(
    loads(ramPages(pageCount)),
    new RegExp(`section ram0: page ${String(pageCount)} of ${String(pageCount)}`),
  );
  assert.throws(loads(ramPages(0xffff_ffff)), /page 4294967295 of/);
  assert.throws(loads(ramPages(3, 3)), /page 3 is there twice/);
  assert.throws(loads(ramPages(3), ramPages(3)), /section ram1: page 3 is there twice/);
  assert.throws(loads(ramPages(3).subarray(1)), /a part of a page/);
});

test("given sizes and numbers of sections beyond the format's, then they are refused before anything is made of that size", () => {
  const bytes = saveState(busyState());
  const forged = (offset: number, value: number, checkedTo: number, checkedFrom = 0): Uint8Array => {
    const copy = bytes.slice();
    const view = new DataView(copy.buffer);
    view.setUint32(offset, value, true);
    view.setUint32(checkedTo, checksum(copy.subarray(checkedFrom, checkedTo)), true);
    return copy;
  };
  assert.throws(() => loadState(forged(12, 1 << 20, 24)), /ends before its sections do/);
  assert.throws(() => loadState(forged(12, (1 << 20) + 1, 24)), /1048577 sections, and at most 1048576/);
  // The first section's header, behind the prologue: its name, then the sizes and checksums.
  const first = 28;
  const header = first + 1 + (bytes[first] ?? 0);
  const sized = (field: number, value: number): Uint8Array => forged(header + field, value, header + 16, first);
  assert.throws(() => loadState(sized(0, MAX_RAW_BYTES)), /its bytes were changed/);
  assert.throws(() => loadState(sized(0, MAX_RAW_BYTES + 1)), /larger than one can be/);
  assert.throws(() => loadState(sized(4, MAX_STORED_BYTES)), /ends before its sections do/);
  assert.throws(() => loadState(sized(4, MAX_STORED_BYTES + 1)), /larger than one can be/);
});

// Negative control, tried once: red where the pages of `pageSections` are made into a list.
test("given a large state, when it is saved piece by piece, then a piece is made when it is asked for, and the bytes are the same", () => {
  const { machine } = openMachine({ ...demoOptions, memory: "64M" });
  const pages = Array.from({ length: 1000 }, (_, index): [number, RamPage] => [
    index,
    { bytes: new Uint8Array(RAM_PAGE_BYTES).fill(index), digest: BigInt(index) },
  ]);
  const state = { ...machine.state(), ram: Ram.zeros((64 << 20) / RAM_PAGE_BYTES).with(pages) };
  let made = 0;
  const { ram } = state;
  const watched = Object.create(ram) as Ram;
  Object.defineProperty(watched, "page", {
    value: (index: number) => {
      made += 1;
      return ram.page(index);
    },
  });
  const pieces = encodeState({ ...state, ram: watched });
  pieces.next();
  assert.is(made, 0);
  const rest = [...pieces];
  assert.is(made, 1000);
  assert.ok(rest.every((piece) => piece.length <= MAX_STORED_BYTES));
});

test("given a state in a file that is damaged, then the message names the file", () =>
  withTemporaryFolder((folder) => {
    const path = join(folder, "a.fsnap");
    const bytes = saveState(busyState(), []);
    writeFileSync(path, bytes.subarray(0, -1));
    assert.throws(
      () => openSavedMachine(path),
      new RegExp(`the saved state ${path} can't be loaded: .*it ends before`),
    );
  }));

test("given a state of another machine, when it is loaded for this one, then the difference is named", () => {
  const state = busyState();
  const bytes = saveState(state);
  expectCode("WRONG_MACHINE", () => loadState(bytes, { ...state, config: { ...state.config, memoryBytes: 1 << 20 } }));
  expectCode("WRONG_MACHINE", () => loadState(bytes, { ...state, rom: Ram.zeros(state.rom.pageCount) }));
});

test.run();
