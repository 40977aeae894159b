// The calls that led to a place, by frame pointers and by call frame information.
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { NameSource, UnwindRules } from "../../../src/streams/past/names/name-source.js";
import { Names } from "../../../src/streams/past/names/names.js";
import { traps } from "../../../src/streams/past/query/index.js";
import { MAX_FRAMES, stackOf, stackText, type StackFrame } from "../../../src/streams/past/stack.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { Program } from "../../support/assemble.js";
import { demoOptions } from "../../support/demo-guest.js";

const BASE = 0x8000_0000n;
const CODE = 0x1_0000n;
const { machine } = openMachine(demoOptions);
const memory = new Uint8Array(1 << 16);
const view = new DataView(memory.buffer);

const symbols = ["start", "main", "work", "leaf"].map((name, index) => ({
  name,
  address: CODE + BigInt(index * 0x100),
  sizeBytes: 0x100n,
  kind: "function" as const,
}));
const [, main = 0n, work = 0n, leaf = 0n] = symbols.map(({ address }) => address);

const stackAt = (
  registers: Readonly<Record<number, bigint>>,
  pc: bigint,
  source: Partial<NameSource> = {},
  fields: Readonly<Record<string, bigint>> = {},
) => {
  const state = machine.state();
  const [hart] = state.harts;
  const x = Array.from({ length: 32 }, (_, index) => registers[index] ?? 0n);
  const ram = { byteLength: memory.length, read: (from: number, bytes: number) => memory.slice(from, from + bytes) };
  const seen = { ...state, ram, harts: [{ ...hart!, x, fields: { ...hart!.fields, ...fields, pc } }] };
  const names = new Names(() => [{ title: "a test", symbols: () => symbols, ...source }]);
  return stackOf(names, seen, 0);
};
const frameOfCaller = (framePointer: bigint, callersFramePointer: bigint, returnAddress: bigint): void => {
  const at = Number(framePointer - BASE);
  view.setBigUint64(at - 16, callersFramePointer, true);
  view.setBigUint64(at - 8, returnAddress, true);
};

test("given frame pointers, then each leads to the next, and the call is before what it returns to", () => {
  frameOfCaller(BASE + 0x100n, BASE + 0x200n, main + 0x10n);
  // A call that is the last instruction of a function returns to the beginning of another.
  frameOfCaller(BASE + 0x200n, BASE + 0x300n, main);
  frameOfCaller(BASE + 0x300n, 0n, 0n);
  const stack = stackAt({ 8: BASE + 0x100n }, work + 4n);
  assert.equal(
    stack.map(({ function: name }) => name),
    ["work", "main", "start"],
  );
  assert.is(
    stackText(stack),
    [
      "#0  0x0000000000010204 in work+0x4",
      "#1  0x0000000000010110 in main+0x10",
      "#2  0x0000000000010100 in start+0x100",
    ].join("\n"),
  );
});

test("given a function without a frame, then it returns to ra", () => {
  const stack = stackAt({ 1: main + 0x20n, 8: 0n }, leaf + 8n);
  assert.equal(
    stack.map(({ function: name }) => name),
    ["leaf", "main"],
  );
});

test("given rules of how a frame is left, then they go before frame pointers, and registers are the caller's", () => {
  // `work` has 32 bytes, with ra and s1 on top of them; `main` is the outermost.
  const rules: UnwindRules = {
    returnRegister: 1,
    isSignalFrame: false,
    canonicalFrameAddress: (frame) => (frame.register(2) ?? 0n) + 32n,
    register: (register, frame, address) => {
      const slot = register === 1 ? 8n : register === 9 ? 16n : undefined;
      if (slot === undefined) return frame.register(register);
      const bytes = frame.read(address - slot, 8);
      return bytes && new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    },
  };
  view.setBigUint64(0x400 + 24, main + 0x30n, true);
  view.setBigUint64(0x400 + 16, 7n, true);
  const stack = stackAt({ 2: BASE + 0x400n, 9: 1n, 18: 5n }, work + 4n, {
    unwindRules: (pc) => (pc >= work && pc < leaf ? rules : undefined),
    linesAt: (pc) =>
      pc < work
        ? []
        : [
            { function: "inner", file: "work.h", line: 3, column: undefined },
            { function: "work", file: "work.c", line: 9, column: undefined },
          ],
  });
  assert.equal(
    stack.map(({ function: name, line, isInlined }) => [name, line, isInlined]),
    [
      ["inner", 3, true],
      ["work", 9, false],
      ["main", undefined, false],
    ],
  );
  const caller = stack[2]!.frame;
  assert.is(caller.register(2), BASE + 0x420n);
  assert.is(caller.register(9), 7n);
  assert.is(caller.register(18), 5n);
});

test("given a stack without end, then the outermost calls are left out", () => {
  for (let frame = 1n; frame < 1000n; frame += 1n) {
    frameOfCaller(BASE + frame * 32n, BASE + (frame + 1n) * 32n, main + 4n);
  }
  assert.is(stackAt({ 8: BASE + 32n }, work).length, MAX_FRAMES);
  // One that leads to itself, or back, is no chain.
  frameOfCaller(BASE + 64n, BASE + 32n, main + 4n);
  assert.is(stackAt({ 8: BASE + 32n }, work).length, 3);
});

test("given a call from where no code can be, then the stack ends before it", () => {
  const returningTo = (pc: bigint): number => {
    const rules: UnwindRules = {
      returnRegister: 1,
      isSignalFrame: false,
      canonicalFrameAddress: (frame) => frame.register(2),
      register: (register, frame) => (register === 1 ? pc : frame.register(register)),
    };
    const unwindRules = (at: bigint) => (at >= leaf ? rules : undefined);
    return stackAt({ 2: BASE + 0x400n }, leaf + 4n, { unwindRules }).length;
  };
  assert.is(returningTo(BASE + 0x40n), 2);
  assert.is(returningTo(BASE + 0x41n), 1);
  // Text that was taken for an address.
  assert.is(returningTo(0x3030_3030_3038_7830n), 1);
});

test("given any instruction of a trap's handler, then the stack goes on with what the trap interrupted", () => {
  const recording = openRecording("logs/race-fails.fold");
  const outer = (frames: readonly StackFrame[]) => {
    const at = frames.findIndex(({ function: name }) => name === "trap_vector") + 1;
    return frames.slice(at).map(({ pc, function: name, line, frame }) => [pc, name, line, frame.register(2)]);
  };
  let compared = 0;
  for (const { seq, icount } of traps(recording).toArray().slice(0, 2)) {
    const interrupted = recording.at({ seq, icount });
    const expected = outer(stackOf(recording.names, interrupted, 0));
    for (let next = icount + 1; ; next += 5) {
      const frames = stackOf(recording.names, recording.at({ seq, icount: next }), 0);
      if (!frames.some(({ function: name }) => name === "trap_vector")) break;
      assert.equal(outer(frames), expected, `${String(next)}: ${stackText(frames)}`);
      // On top of it, all registers are what they were.
      const [below, above] = [frames.at(-expected.length), frames.at(-expected.length - 1)];
      for (let x = 1; x < 32 && above === frames[0]; x += 1)
        assert.is(below?.frame.register(x), interrupted.harts[0]?.x[x], `x${String(x)} at ${String(next)}`);
      compared += 1;
    }
  }
  assert.ok(compared > 50, `${String(compared)} instructions`);
  recording.close();
});

test("given a trap vector that lets traps in, or has a stack of its own, then the stack ends", () => {
  const vector = { name: "vector", address: BASE + 0x2000n, sizeBytes: 0x100n, kind: "function" as const };
  const namesAt = (code: Program, status: bigint) => {
    const bytes = code.bytes();
    memory.set(bytes, 0x2000);
    const pc = vector.address + BigInt(bytes.length);
    const fields = { mtvec: vector.address, mepc: work + 4n, mstatus: status };
    const source = { symbols: () => [...symbols, vector] };
    return stackAt({ 1: main + 0x20n, 2: BASE + 0x400n }, pc, source, fields).map(({ function: name }) => name);
  };
  const [sp, mscratch] = [2, 0x340];
  const down = (): Program => new Program().i("addi", { rd: sp, rs1: sp, imm: -16 });
  // What was interrupted has called nothing yet.
  assert.equal(namesAt(down(), 0n), ["vector", "work", "main"]);
  assert.equal(namesAt(down(), 1n << 3n), ["vector"]);
  assert.equal(namesAt(new Program().i("csrrw", { rd: sp, rs1: sp, imm: mscratch }), 0n), ["vector"]);
});

test.run();
