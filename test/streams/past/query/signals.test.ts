/** Devices' lines and registers: what is told is what the states have, and what drivers wrote. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { readRegister } from "../../../../src/machine/inspect.js";
import { devices, signals, traps } from "../../../../src/streams/past/query/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";

const UART = 0x1000_0000;
const LSR = 5;
const IER = 1;

test("given a recording, when a register is read at many positions, then the last change before each says the same", () => {
  const recording = openRecording("logs/race-fails.fold");
  const told = signals(recording, { of: "uart16550.LSR" }).toArray();
  assert.ok(told.length > 20);
  for (let icount = 100; icount < recording.info.instructions; icount += 77_777) {
    const before = told.filter((row) => row.icount < icount).at(-1);
    assert.is(before?.value, readRegister(recording.at(icount), UART + LSR, 1), `at ${String(icount)}`);
  }
});

test("given what a driver stored, then the register has it from that instruction on", () => {
  const recording = openRecording("logs/race-fails.fold");
  const stored = devices(recording, { of: { address: UART + IER, bytes: 1 } })
    .toArray()
    .filter(({ access }) => access === "store");
  const told = signals(recording, { of: "uart16550.IER" })
    .toArray()
    .filter(({ isInitial }) => isInitial !== true);
  assert.ok(told.length > 0);
  for (const { icount, value } of told) assert.is(stored.find((row) => row.icount === icount)?.value, value);
});

test("given the traps that a hart took, then its line was high", () => {
  const recording = openRecording("logs/race-fails.fold");
  for (const [line, cause] of [
    ["hart0.meip", "mei"],
    ["hart0.mtip", "mti"],
  ] as const) {
    const told = signals(recording, { of: line }).toArray();
    for (const { icount } of traps(recording, { of: cause }).toArray())
      assert.is(told.filter((row) => row.icount <= icount).at(-1)?.value, 1n, `${line} at ${String(icount)}`);
  }
});

test("given a name that no signal has, then the message lists those there are", () => {
  const recording = openRecording("logs/race-fails.fold");
  assert.throws(() => signals(recording, { of: "LSQ" }), /no signal is called LSQ; .*uart16550.LSR/);
  assert.equal(
    new Set(
      signals(recording, { of: /irq$/ })
        .toArray()
        .map(({ signal }) => signal),
    ).size,
    2,
  );
});

test.run();
