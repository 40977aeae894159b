/** A state that was saved is the state that was: every field, in a fresh process, at any moment. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { initialState } from "../../../../src/machine/initial-state.js";
import { Machine } from "../../../../src/machine/machine.js";
import type { MachineState } from "../../../../src/machine/state.js";
import type { MachineEvent } from "../../../../src/reducers/events.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { loadState, saveState, StateError } from "../../../../src/streams/store/saved-state/index.js";
import { decodeSections, encodeSections } from "../../../../src/streams/store/saved-state/sections.js";
import { Program } from "../../../support/assemble.js";
import { demoOptions } from "../../../support/demo-guest.js";
import { freshSeed, seededRandom } from "../../../support/seeded-random.js";
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

/** A guest whose every kind of unfinished business is under way. */
function busyState(): MachineState {
  const config = {
    memoryBytes: 0x20_0000,
    harts: 1,
    shift: 0,
    append: "text",
    rngSeed: "",
    virtio: ["rng", "console"] as const,
  };
  const program = new Program().li(10, 0x200_4000n).li(11, 12_345n).i("sd", { rs1: 10, rs2: 11 });
  program.li(10, 0x10_1008n).li(11, 77n).i("sw", { rs1: 10, rs2: 11, imm: 4 });
  for (const [offset, value] of [
    [0x70, 3],
    [0x24, 1],
    [0x20, 1],
    [0x70, 11],
    [0x38, 8],
    [0x80, 0],
    [0x44, 1],
    [0x70, 15],
    [0x50, 0],
  ] as const) {
    program.li(10, 0x1000_1000n).li(11, BigInt(value)).i("sw", { rs1: 10, rs2: 11, imm: offset });
  }
  const state = initialState(config, { kernel: program.i("wfi").bytes() });
  const machine = new Machine(state);
  machine.run(10_000);
  machine.apply({ type: "virtioConsole/bytesReceived", slot: 1, bytes: Uint8Array.of(1, 2, 3) });
  machine.apply({ type: "uart16550/byteReceived", byte: 65 });
  return machine.state();
}

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
    const out = execFileSync(process.execPath, ["--import", "tsx", child, path, String(FURTHER_INSNS)], {
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
  const { stateHash, sections } = decodeSections(bytes);
  for (let turn = 0; turn < 10; turn += 1) {
    const shuffled = sections
      .map((section) => ({ section, rank: random(1 << 30) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ section }) => section);
    const loaded = loadState(encodeSections({ stateHash, sections: shuffled }));
    assert.equal(Buffer.compare(saveState(loaded), bytes), 0);
  }
});

test("given a small state, when any bit is flipped or any end is cut off, then it is an error that says so", () => {
  const bytes = saveState(busyState());
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.throws(
      () => loadState(flipped),
      (fault: unknown) => fault instanceof StateError,
      `bit ${String(bit)} of ${String(bytes.length * 8)}`,
    );
  }
  for (let length = 0; length < bytes.length; length += 1) {
    expectCode(length < 8 ? "NOT_A_STATE" : "INCOMPLETE", () => loadState(bytes.subarray(0, length)), String(length));
  }
});

test("given sections missing, twice, unknown or of another state, then each is an error of its own", () => {
  const { stateHash, sections } = decodeSections(saveState(busyState()));
  const loads =
    (changed: typeof sections, hash = stateHash) =>
    (): unknown =>
      loadState(encodeSections({ stateHash: hash, sections: changed }));
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

test("given a state of another machine, when it is loaded for this one, then the difference is named", () => {
  const state = busyState();
  const bytes = saveState(state);
  expectCode("WRONG_MACHINE", () => loadState(bytes, { ...state, config: { ...state.config, memoryBytes: 1 << 20 } }));
  expectCode("WRONG_MACHINE", () => loadState(bytes, { ...state, rom: new Uint8Array(state.rom.length) }));
});

test.run();
