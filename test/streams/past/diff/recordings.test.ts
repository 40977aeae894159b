/** Two recordings: what differs before they run, the first event, and the instruction at which the guests part. */
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { diff, type Parting } from "../../../../src/streams/past/diff/index.js";
import { MAX_PARTING_ROWS, MAX_SEEN_ROWS } from "../../../../src/streams/past/diff/described-parting.js";
import { EXACT_INSNS } from "../../../../src/streams/past/diff/parting.js";
import type { Recording } from "../../../../src/streams/past/recording.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { Program, X } from "../../../support/assemble.js";
import { recorded } from "../../../support/recorded.js";
import { spinning } from "../../../support/tiny-guests.js";

const log = (name: string): Recording =>
  openRecording(fileURLToPath(new URL(`../../../../logs/${name}.fold`, import.meta.url)));

const first = (partings: Iterable<Parting>, count: number): Parting[] => {
  const found: Parting[] = [];
  for (const parting of partings) if (found.push(parting) >= count) break;
  return found;
};

test("given a recording and itself, when they are compared, then they are the same, and nothing is run", () => {
  const [a, b] = [log("race-fails"), log("race-fails")];
  const answer = diff(a, b);
  assert.ok(answer.isSame);
  assert.match(answer.text, /^the recordings are the same: 12,075,018 instructions, 49 events$/);
  assert.is(a.kept.wholeStates.length, 0);
});

test("given a byte that came earlier, when recordings are compared, then it is the first event, and the guests part there", () => {
  const answer = diff(log("race-fails"), log("race-passes"));
  assert.equal([answer.header, answer.event?.a?.seq, answer.event?.a?.type], [[], 1, "uart16550/byteReceived"]);
  const [byEvent, byInstruction] = first(answer, 2);
  assert.ok(byEvent && byInstruction);
  assert.equal([byEvent.icount, byEvent.by, byEvent.isFirst, byEvent.a.function], [400_000, "event", true, "crc32"]);
  assert.equal(
    byEvent.differences.map(({ name, a, b }) => [name, a, b]),
    [["uart16550.received", [97], []]],
  );
  // One takes the interrupt, the other goes on.
  assert.equal([byInstruction.icount, byInstruction.by], [400_001, "instruction"]);
  assert.equal([byInstruction.a.icount, byInstruction.a.trap, byInstruction.b.trap], [400_000, "mei", undefined]);
  assert.ok(byInstruction.differences.some(({ name }) => name === "pc"));
  assert.not.ok(byInstruction.differences.some(({ name }) => name === "uart16550.received"));
  assert.match(
    answer.text,
    /the guests part at instruction 400,000, by an event\n {2}a: .* crc32 {2}demo\/compute\.c:14 {2}add a5, a5, a3\n/,
  );
  assert.match(answer.text, /a ends at instruction 12,075,018, event 49: guest-panic/);
});

test("given things to ignore, when recordings are compared, then events and places are left out", () => {
  const [a, b] = [log("race-fails"), log("race-passes")];
  const answer = diff(a, b, { ignore: ["uart16550/*", "devices"] });
  assert.is(answer.event?.b?.type, "machine/shutdown");
  assert.is(answer.parting?.icount, 400_001);
});

test("given machines of two kinds, when recordings are compared, then what differs in them comes first", () => {
  const answer = diff(log("race-fails"), log("session"));
  assert.equal(
    answer.header.map(({ name }) => name),
    ["machine.append", "machine.shift"],
  );
  assert.equal([answer.parting?.icount, answer.parting?.by], [0, "start"]);
});

test("given state hashes in one recording only, when they are compared, then they are the same", async () => {
  const options = { memory: "2M", bios: "none", kernel: spinning(), seed: "diff" };
  const plain = await recorded(options, { untilIcount: 5000 });
  const hashed = await recorded(options, { untilIcount: 5000, checkpointInsns: 1000 });
  assert.is(diff(plain, hashed).text, "the recordings are the same: 5,000 instructions, 0 events");
});

test("given a recording that ends earlier, when they are compared, then the guests do not part, and both ends are told", async () => {
  const options = { memory: "2M", bios: "none", kernel: spinning(), seed: "diff" };
  const answer = diff(await recorded(options, { untilIcount: 5000 }), await recorded(options, { untilIcount: 6000 }));
  assert.not.ok(answer.isSame);
  assert.is(answer.parting, undefined);
  assert.equal([answer.endings?.a.icount, answer.endings?.b.icount], [5000, 6000]);
});

const TIME = 0xc01;

/** Waits, looks at the clock, forgets what it saw in the next instruction, and goes on as if nothing had been. */
const glancing = (waits: number): Uint8Array =>
  new Program()
    .li(X.t1, BigInt(waits))
    .label("wait")
    .i("addi", { rd: X.t1, rs1: X.t1, imm: -1 })
    .i("bne", { rs1: X.t1, rs2: X.zero, imm: "wait" })
    .i("csrrs", { rd: X.t0, imm: TIME })
    .i("addi", { rd: X.t0, imm: 0 })
    .label("again")
    .i("jal", { imm: "again" })
    .bytes();

test("given a difference that heals in the next instruction, when nothing else differs, then it is found", async () => {
  const waits = EXACT_INSNS;
  const options = { memory: "2M", bios: "none", kernel: glancing(waits), seed: "diff" };
  const plain = await recorded(options, { untilIcount: 4 * waits });
  const skewed = await recorded(options, {
    untilIcount: 4 * waits,
    schedule: [{ icount: 10, type: "clock/skewed", byNs: 5000n }],
  });
  const told: number[] = [];
  const [parting, ...others] = diff(plain, skewed, { progress: ({ icount }) => told.push(icount) });
  assert.equal(others, []);
  // On the way, too, to the end.
  assert.ok(told.some((icount) => icount > 2 * waits && icount < 4 * waits));
  assert.equal([parting?.by, parting?.isFirst, parting?.a.instruction], ["instruction", true, "rdtime t0"]);
  // A stretch at a time it is the same.
  const steps = diff(plain, skewed).stepsToParting();
  const reached: number[] = [];
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) reached.push(step.value.icount);
  assert.ok(reached.length > 0);
  assert.is(step.value?.icount, parting?.icount);
  assert.is(parting?.differences[0]?.name, "t0");
});

test("given guests that differ in more places than are told, then the rest is counted, and it is the last parting", async () => {
  const filled = (byte: number): Uint8Array => {
    const image = new Uint8Array(16 * (MAX_SEEN_ROWS + 2));
    image.set(spinning());
    for (let at = 16; at < image.length; at += 16) image[at] = byte;
    return image;
  };
  const options = { memory: "4M", bios: "none", seed: "diff" };
  const [a, b] = await Promise.all(
    [1, 2].map((byte) => recorded({ ...options, kernel: filled(byte) }, { untilIcount: 100 })),
  );
  assert.ok(a && b);
  const partings = [...diff(a, b)];
  assert.is(partings.length, 1);
  const [parting] = partings;
  assert.is(parting?.differences.length, MAX_PARTING_ROWS);
  assert.is(parting?.more, MAX_SEEN_ROWS + 1 - MAX_PARTING_ROWS);
});

test("given a comparison, when it was read, then the recordings' hashes are what they were", () => {
  const [a, b] = [log("race-fails"), log("race-passes")];
  first(diff(a, b), 3);
  for (const recording of [a, b]) assert.is(recording.at().position.icount, recording.info.instructions);
});

test.run();
