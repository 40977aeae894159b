/** What a guest printed, line by line, with its instants. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { output } from "../../../../src/streams/past/query/output.js";
import { MAX_LINE_CHARACTERS } from "../../../../src/streams/past/query/printed-lines.js";
import { memorySink } from "../../../../src/streams/store/log/index.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { record } from "../../../../src/streams/live/recorder.js";
import { run } from "../../../../src/streams/live/run.js";
import { Program } from "../../../support/assemble.js";

const log = (name: string): string => fileURLToPath(new URL(`../../../../logs/${name}`, import.meta.url));

test("given a recording, when its output is asked for, then the lines are those of its console", () => {
  const printed = readFileSync(log("session.console.txt")).toString("latin1");
  const lines = output(openRecording(log("session.fold"))).toArray();
  assert.equal(
    lines.map(({ text }) => text),
    printed
      .split("\n")
      .slice(0, -1)
      .map((line) => line.replace(/\r+$/, "")),
  );
});

test("given a part that ends in the middle of lines, then what is there of them comes last, and says that nothing ended it", () => {
  const recording = openRecording(log("race-fails.fold"));
  const [, second, third] = output(recording).toArray();
  assert.ok(second !== undefined && third !== undefined);
  const until = third.icount;
  const rows = output(recording, { until }).toArray();
  const [last] = rows.slice(-1);
  assert.equal([rows.length, last?.isUnfinished, last?.icount], [3, true, until]);
  assert.is(last?.text, third.text);
  assert.equal(output(recording, { of: second.text, until }).toArray(), [second]);
  assert.equal(output(recording, { until }).last(), last);
});

test("given a part that begins in the middle of a line, then it says of each console's first line that it may be cut", () => {
  const recording = openRecording(log("race-fails.fold"));
  const whole = output(recording).toArray();
  assert.ok(whole.every(({ mayBeCut }) => mayBeCut === undefined));
  const [, second, third] = whole;
  const [cut, next] = output(recording, { from: (second?.icount ?? 0) - 1, until: third?.icount }).toArray();
  assert.equal([cut?.mayBeCut, cut?.icount, next?.mayBeCut], [true, second?.icount, undefined]);
  // Which of them are asked for changes nothing.
  assert.equal(output(recording, { from: 1, of: "FAIL" }).last()?.mayBeCut, undefined);
  assert.ok(output(recording, { from: 0 }).toArray()[0]?.mayBeCut === undefined);
});

test("given a line's instant, when the recording is there, then the line's end is the next that is printed", () => {
  const recording = openRecording(log("race-fails.fold"));
  const line = output(recording, { of: /FAIL/ }).last();
  assert.ok(line !== undefined && line.function === "uart_put");
  const machine = recording.openMachine();
  machine.load(recording.at(line.icount));
  const next: number[] = [];
  machine.listen((effect) => {
    if (effect.type === "console/transmitted") next.push(...effect.bytes);
  });
  machine.run(line.icount + 1);
  assert.equal(next, [0x0a]);
});

test("given a guest that ends no line, when it prints as much as a line may have, then that is told in pieces", async () => {
  const printing = new Program()
    .li(5, 0x1000_0000n)
    .li(6, BigInt(MAX_LINE_CHARACTERS + 10))
    .li(7, 0x78n)
    .label("loop")
    .i("sb", { rs1: 5, rs2: 7 })
    .i("addi", { rd: 6, rs1: 6, imm: -1 })
    .i("bne", { rs1: 6, rs2: 0, imm: "loop" })
    .li(7, 0x0an)
    .i("sb", { rs1: 5, rs2: 7 })
    .li(5, 0x10_0000n)
    .li(7, 0x5555n)
    .i("sw", { rs1: 5, rs2: 7 })
    .label("end")
    .i("jal", { imm: "end" });
  const kernel = printing.bytes();
  const { machine, header } = openMachine({ memory: "2M", bios: "none", kernel, seed: "line" });
  const sink = memorySink();
  await run(machine, [])
    .pipe(record(machine, sink, header))
    .forEach(() => undefined);
  const lines = output(openRecording(sink.bytes(), { images: { kernel } })).toArray();
  assert.equal(
    lines.map(({ text }) => text.length),
    [MAX_LINE_CHARACTERS, 10],
  );
});

test.run();
