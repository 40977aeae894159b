/** What has its old content again was written: no states hide that, wherever they lie. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { writes, type Write } from "../../../../src/streams/past/query/index.js";
import type { Recording } from "../../../../src/streams/past/recording.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { Program, X } from "../../../support/assemble.js";
import { indexedAt } from "../../../support/indexed-states.js";
import { recordedBytes } from "../../../support/recorded.js";

const INSNS = 150;
const WORD = { address: 0x8000_0800, bytes: 8 };
const FINISHER = 0x10_0000n;
const RESET = 0x7777n;
const PAUSE = 7;

const pausing = (program: Program): Program => {
  for (let turn = 0; turn < PAUSE; turn += 1) program.i("addi");
  return program;
};

/** Writes a word in its own page, and what was there before, again and again. */
const writingBack = (): Uint8Array => {
  const program = new Program().li(X.t0, BigInt(WORD.address)).i("ld", { rd: X.t1, rs1: X.t0, imm: 0 }).label("again");
  pausing(program).i("sd", { rs1: X.t0, rs2: X.t0, imm: 0 });
  pausing(program).i("sd", { rs1: X.t0, rs2: X.t1, imm: 0 });
  return pausing(program).i("jal", { imm: "again" }).bytes();
};

/** Writes a word in its own page, and resets the machine. */
const resetting = (): Uint8Array => {
  const program = new Program().li(X.t0, BigInt(WORD.address)).li(X.s0, FINISHER).li(X.t1, RESET);
  pausing(program).i("sd", { rs1: X.t0, rs2: X.t0, imm: 0 });
  return pausing(program).i("sw", { rs1: X.s0, rs2: X.t1, imm: 0 }).label("wait").i("jal", { imm: "wait" }).bytes();
};

const inFolder = (work: (folder: string) => void): void => {
  const folder = mkdtempSync(join(tmpdir(), "foldvm-written-"));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const placesOf = (stride: number): readonly number[] =>
  Array.from({ length: Math.floor((INSNS - 1) / stride) }, (_, index) => (index + 1) * stride);

/** All of them; and the last one, seen from where each is about to be made, and from right behind it. */
function compare(recording: Recording, all: readonly Write[], where: string): void {
  assert.equal(writes(recording, { of: WORD }).toArray(), all, where);
  for (const until of all.flatMap(({ icount }) => [icount, icount + 1])) {
    const before = all.filter(({ icount }) => icount < until);
    const last = writes(recording, { of: WORD, until }).last();
    assert.equal(last, before.at(-1), `${where}, the last before ${String(until)}`);
  }
}

for (const [name, guest] of [
  ["writes back what was there", writingBack],
  ["resets its machine", resetting],
] as const) {
  const bytes = await recordedBytes(
    { memory: "2M", bios: "none", kernel: guest(), seed: "back" },
    { untilIcount: INSNS },
  );
  const plain = openRecording(bytes, { index: false });
  const all = writes(plain, { of: WORD }).toArray();

  test(`given a guest that ${name}, and states in memory, when its writes are asked for, then each is told once`, () => {
    assert.ok(all.length > 4, String(all.length));
    for (const stride of [1, 8, 25, 50]) {
      const recording = openRecording(bytes, { index: false });
      for (const place of placesOf(stride)) recording.at(place);
      compare(recording, all, `a state each ${String(stride)}`);
    }
  });

  test(`given a guest that ${name}, and states in an index, when its writes are asked for, then each is told once`, () => {
    inFolder((folder) => {
      for (const stride of [1, 25, 50]) {
        const path = join(folder, `${String(stride)}.states`);
        writeFileSync(path, indexedAt(plain, placesOf(stride)).bytes);
        const recording = openRecording(bytes, { index: path });
        recording.at(0);
        assert.ok(recording.kept.wholeStates.length > 2);
        compare(recording, all, `a state each ${String(stride)}`);
        recording.close();
      }
    });
  });
}

test.run();
