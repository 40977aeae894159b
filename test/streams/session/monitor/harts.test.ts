// Which harts there are, and the one that the monitor's commands are about.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { readCsr } from "../../../../src/machine/inspect.js";
import { COMMANDS } from "../../../../src/streams/session/monitor/commands.js";
import { findCommand } from "../../../../src/streams/session/monitor/find-command.js";
import { LiveTarget } from "../../../../src/streams/session/target/live-target.js";
import { Names } from "../../../../src/streams/past/names/names.js";
import { told, where } from "../../../../src/streams/session/monitor/told.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { Program } from "../../../support/assemble.js";

/** All harts wait, each at its own instruction, but for hart 0, which runs on. */
const kernel = new Program()
  .i("csrrs", { rd: 5, imm: 0xf14 })
  .i("beq", { rs1: 5, rs2: 0, imm: 12 })
  .i("wfi", {})
  .i("jal", { imm: -4 })
  .i("jal", { imm: 0 })
  .bytes();

const opened = () => {
  const { machine } = openMachine({ memory: "2M", smp: 3, kernel, seed: "harts" });
  machine.run(200_000);
  const target = new LiveTarget(machine, {
    names: { names: Names.ofSymbols(() => []), kernel: undefined },
    isStopped: true,
    recordingName: undefined,
    reset: () => undefined,
    quit: () => undefined,
  });
  const execute = (line: string): unknown => {
    const [name = "", ...operands] = line.split(" ");
    return findCommand(name, COMMANDS).run(target, operands.join(" "));
  };
  return { machine, target, execute };
};

test("given three harts of which two wait, when info cpus is asked, then it says who waits and whose turn it is", () => {
  const { execute } = opened();
  const lines = String(execute("info cpus")).split("\n");
  assert.is(lines.length, 3);
  assert.match(lines[0] ?? "", /^\* CPU #0: pc=0x0000000080000010 in M mode, \d+ instructions, has the turn$/);
  assert.match(lines[1] ?? "", /^ {2}CPU #1: pc=0x000000008000000c in M mode \(halted\), \d+ instructions$/);
});

test("given a hart that is chosen, when registers are asked for, then they are its own, until another one is", () => {
  const { target, execute } = opened();
  assert.is(execute("cpu 2"), undefined);
  assert.match(String(execute("info registers mhartid t0")), /mhartid +0*2\n t0 +0*2$/);
  assert.is(readCsr(target.present(), "mhartid"), 2n);
  assert.match(String(execute("info cpus")), /\n\* CPU #2/);
  execute("cpu");
  assert.match(String(execute("info registers mhartid")), /mhartid +0+$/);
});

test("given instructions that each hart retired, when they are added up, then they are the machine's", () => {
  const { machine, execute } = opened();
  const counts = [...String(execute("info cpus")).matchAll(/(\d+) instructions/g)].map(([, count]) => Number(count));
  assert.is(
    counts.reduce((sum, count) => sum + count),
    machine.position.icount,
  );
});

test("given several harts, when all registers are asked for, then each hart's follow its number, whichever is chosen", () => {
  const { execute } = opened();
  execute("cpu 2");
  const text = String(execute("info registers -a"));
  assert.equal(
    [...text.matchAll(/^CPU#(\d)\n pc +[0-9a-f]{16}\n mhartid +0*(\d?)$/gm)].map(([, number, id]) => [number, id]),
    [
      ["0", ""],
      ["1", "1"],
      ["2", "2"],
    ],
  );
});

test("given registers by name and -a, when they are asked for, then each hart's follow its number", () => {
  const text = String(opened().execute("info registers -a mhartid"));
  assert.match(text, /^CPU#0\n mhartid +0+\n\nCPU#1\n mhartid +0+1\n\nCPU#2\n mhartid +0+2$/);
});

test("given harts of which one can run, when info schedule is asked, then it says whose turn it is, and the priorities", () => {
  const { machine, execute } = opened();
  machine.apply({ type: "schedule/hartPrioritized", hart: 1, priority: 7 });
  assert.match(
    String(execute("info schedule")),
    /^turn: hart 0, since instruction \d+, without an end: no other hart can run\npriorities: hart 0 0, hart 1 7, hart 2 0$/,
  );
});

test("given several harts, when the machine stands somewhere, then the answer names the one whose turn it is", () => {
  const { machine, target } = opened();
  assert.is(
    told({ cause: "reached", position: machine.position }, target),
    "reached: instruction 200000, event 0, hart 0",
  );
  assert.is(where(target), "at instruction 200000, event 0, hart 0");
});

test("given no such hart, when it is chosen, then the error says which there are", () => {
  const { execute } = opened();
  for (const word of ["3", "x", "-1", "1 2"]) assert.throws(() => execute(`cpu ${word}`), /0 to 2/);
});

test.run();
