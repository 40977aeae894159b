/** A state prints in a few lines, whoever prints it, and two of them are compared quickly and wholly. */
import nodeAssert from "node:assert";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify, inspect } from "node:util";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { TYPESCRIPT } from "../../scripts/typescript/node-words.js";
import { Ram, RAM_PAGE_BYTES } from "../../src/machine/ram.js";
import { initialState } from "../../src/machine/initial-state.js";
import type { MachineState } from "../../src/machine/state.js";
import { loadState, saveState } from "../../src/streams/store/saved-state/index.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";

const recording = openRecording("logs/session.fold");
const [early, late] = [recording.at(1000), recording.at(200_000)];

/** Where all registers of a hart differ, Node 26 shows each of them twice, and Node 20 the first ones. */
const MOST_LINES = 250;

const asText: (value: unknown) => string = String;
const linesOf = (text: string): number => text.split("\n").length;

/** The state with one byte of RAM changed. */
const poked = (state: MachineState, page: number): MachineState => {
  const bytes = state.ram.read(page * RAM_PAGE_BYTES, RAM_PAGE_BYTES);
  bytes[5] = (bytes[5] ?? 0) ^ 1;
  return { ...state, ram: state.ram.with([[page, { bytes, digest: 5n }]]) };
};

for (const [name, state] of [
  ["of a recording", late],
  ["at reset", initialState(late.config, { kernel: new Uint8Array([0x73, 0, 0x50, 0x10]) })],
  ["that was loaded", loadState(saveState(late))],
] as const) {
  test(`given a state ${name}, when it is printed, then it takes few lines`, () => {
    assert.ok(linesOf(inspect(state)) <= 4, inspect(state));
    assert.match(asText(state), /^MachineState at instruction \d+, event \d+/);
    assert.ok(linesOf(JSON.stringify(state, undefined, 1)) < 80, JSON.stringify(state, undefined, 1));
  });
}

test("given two states that differ, when they are asserted to be equal, then the error is short and the text shows it", () => {
  for (const compare of [nodeAssert.deepEqual, nodeAssert.deepStrictEqual]) {
    try {
      compare(early, late);
    } catch (fault) {
      assert.ok(linesOf(inspect(fault)) < MOST_LINES, inspect(fault));
      continue;
    }
    throw new Error("they are equal");
  }
  assert.is.not(JSON.stringify(early), JSON.stringify(late));
});

test("given states that differ in RAM alone, when they are compared, then they are not equal", () => {
  nodeAssert.deepStrictEqual(recording.at(1000), early);
  assert.equal(recording.at(1000), early);
  nodeAssert.throws(() => {
    nodeAssert.deepEqual(poked(early, 3), { ...early });
  });
  assert.not.equal(poked(early, 3).ram, early.ram);
  assert.equal(Ram.zeros(4), Ram.zeros(4));
});

test("given Node's test runner, when a test compares two states in vain, then it prints some hundred lines", () =>
  withTemporaryFolder(async (folder) => {
    const from = (path: string): string => JSON.stringify(pathToFileURL(path).href);
    const file = join(folder, "states.test.mjs");
    await writeFile(
      file,
      `import assert from "node:assert"; import { test } from "node:test";
import { openRecording } from ${from("src/index.ts")};
const recording = openRecording("logs/session.fold");
test("states", () => { assert.deepEqual(recording.at(1000), recording.at(200_000)); });`,
    );
    for (const reporter of ["tap", "spec"]) {
      const args = [...TYPESCRIPT, "--test", `--test-reporter=${reporter}`, file];
      const { stdout, code } = await promisify(execFile)(process.execPath, args).then(
        () => ({ stdout: "", code: 0 }),
        (fault: unknown) => fault as { stdout: string; code: number },
      );
      assert.is(code, 1);
      assert.match(stdout, /deep-equal/);
      assert.ok(linesOf(stdout) < 1500, `${reporter}: ${String(linesOf(stdout))}`);
    }
  }));

test.run();
