// Frames of kernel code, left at each of their instructions: with a frame pointer, without, and through a trap.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_EPILOGUE_BYTES, MAX_PROLOGUE_BYTES } from "../../../../../src/streams/past/names/frame-scan.js";
import { kernelUnwindRules, MAX_ENTRY_BYTES } from "../../../../../src/streams/past/names/linux/unwinding.js";
import type { FrameReader } from "../../../../../src/streams/past/names/name-source.js";
import { Program } from "../../../../support/assemble.js";

const START = 0xffff_ffff_8000_2000n;
const [RA, SP, TP, T0, S0, S1, A0] = [1, 2, 4, 5, 8, 9, 10];
const STACK = 0xffff_8f80_0000_1000n;

/** A hart that executes what a prologue and an epilogue are made of. */
class Hart {
  readonly x: bigint[] = Array.from({ length: 32 }, (_, index) => BigInt(index) << 32n);
  readonly memory = new Map<bigint, bigint>();

  constructor() {
    this.x[SP] = STACK;
  }

  get frame(): FrameReader {
    return {
      pc: START,
      register: (register) => this.x[register],
      canonicalFrameAddress: () => undefined,
      read: (address, bytes) => {
        const value = this.memory.get(address);
        return value === undefined || bytes !== 8 ? undefined : new Uint8Array(new BigUint64Array([value]).buffer);
      },
    };
  }
}

interface Step {
  readonly name: string;
  readonly operands: Readonly<Record<string, number>>;
  readonly execute: (hart: Hart) => void;
}

const add = (rd: number, rs1: number, imm: number): Step => ({
  name: "addi",
  operands: { rd, rs1, imm },
  execute: ({ x }) => {
    x[rd] = (x[rs1] ?? 0n) + BigInt(imm);
  },
});
const save = (rs2: number, imm: number, rs1 = SP): Step => ({
  name: "sd",
  operands: { rs1, rs2, imm },
  execute: ({ x, memory }) => {
    memory.set((x[rs1] ?? 0n) + BigInt(imm), x[rs2] ?? 0n);
  },
});
const restore = (rd: number, imm: number): Step => ({
  name: "ld",
  operands: { rd, rs1: SP, imm },
  execute: ({ x, memory }) => {
    x[rd] = memory.get((x[SP] ?? 0n) + BigInt(imm)) ?? 0n;
  },
});
/** It returns with other values in what a call may change. */
const call: Step = {
  name: "jal",
  operands: { rd: RA, imm: 0x800 },
  execute: ({ x }) => {
    x[RA] = START + 0x40n;
    x[A0] = 0n;
  },
};
const ret: Step = { name: "jalr", operands: { rd: 0, rs1: RA, imm: 0 }, execute: () => undefined };
const tail: Step = { name: "jal", operands: { rd: 0, imm: 0x800 }, execute: () => undefined };
const tailFar: Step = { name: "jalr", operands: { rd: 0, rs1: T0, imm: 0 }, execute: () => undefined };
const branch: Step = { name: "beq", operands: { rs1: A0, rs2: 0, imm: 0x40 }, execute: () => undefined };
const trace: Step = { name: "jalr", operands: { rd: T0, rs1: T0, imm: 0x10 }, execute: () => undefined };

const codeOf = (steps: readonly Step[]): Uint8Array =>
  steps.reduce((program, { name, operands }) => program.i(name, operands), new Program()).bytes();

/** At every instruction of it, its caller is what it was at the first one. */
function leavesEverywhere(what: string, steps: readonly Step[], except: readonly number[] = []): void {
  test(`given ${what}, when it is left at any of its instructions, then the caller's registers are known`, () => {
    const code = codeOf(steps);
    const hart = new Hart();
    const [ra, s0, s1, tp] = [RA, S0, S1, TP].map((register) => hart.x[register]);
    steps.forEach((step, index) => {
      const pc = START + BigInt(4 * index);
      const rules = kernelUnwindRules({ name: "vfs_read", start: START }, pc, reader(code));
      const address = rules?.canonicalFrameAddress(hart.frame);
      if (!except.includes(index)) {
        assert.is(address, STACK, `the frame's address at ${String(index)}`);
        const told = [RA, S0, S1, TP, SP].map((register) => rules?.register(register, hart.frame, STACK));
        assert.equal(told, [ra, s0, s1, tp, STACK], `the registers at ${String(index)}`);
        assert.is(rules?.register(A0, hart.frame, STACK), undefined);
        assert.is(rules?.returnRegister, RA);
      }
      step.execute(hart);
    });
  });
}

const reader =
  (code: Uint8Array, start = START) =>
  (address: bigint, byteLength: number): Uint8Array | undefined => {
    const at = Number(address - start);
    return at < 0 || at >= code.length ? undefined : code.slice(at, at + byteLength);
  };

leavesEverywhere("a function with a frame", [
  add(SP, SP, -48),
  save(S0, 32),
  save(RA, 40),
  save(S1, 24),
  add(S0, SP, 48),
  add(S1, A0, 0),
  branch,
  call,
  branch,
  restore(RA, 40),
  restore(S0, 32),
  restore(S1, 24),
  add(SP, SP, 48),
  ret,
]);

leavesEverywhere("a function that saves a register behind its frame pointer", [
  add(SP, SP, -48),
  save(S0, 32),
  save(RA, 40),
  add(S0, SP, 48),
  save(S1, 24),
  add(S1, A0, 0),
  call,
  restore(RA, 40),
  restore(S0, 32),
  restore(S1, 24),
  add(SP, SP, 48),
  ret,
]);

leavesEverywhere("a function that calls nothing, and saves no return address", [
  add(SP, SP, -16),
  save(S0, 8),
  add(S0, SP, 16),
  add(A0, A0, 1),
  branch,
  restore(S0, 8),
  add(SP, SP, 16),
  ret,
]);

leavesEverywhere("a variadic function, which keeps arguments above its frame pointer", [
  add(SP, SP, -80),
  save(S0, 16),
  save(RA, 24),
  add(S0, SP, 32),
  save(A0, 8, S0),
  call,
  restore(RA, 24),
  restore(S0, 16),
  add(SP, SP, 80),
  ret,
]);

leavesEverywhere("assembly without a frame", [branch, add(A0, A0, 8), branch, ret]);

leavesEverywhere("a function that can do without a frame at first", [
  branch,
  add(A0, A0, 1),
  branch,
  add(SP, SP, -16),
  save(RA, 8),
  save(S0, 0),
  add(S0, SP, 16),
  call,
  restore(RA, 8),
  restore(S0, 0),
  add(SP, SP, 16),
  ret,
]);

for (const [what, jump] of [
  ["near", tail],
  ["far", tailFar],
] as const) {
  leavesEverywhere(
    `a function that ends by a jump to another, ${what} by`,
    [
      add(SP, SP, -16),
      save(RA, 8),
      save(S0, 0),
      add(S0, SP, 16),
      call,
      restore(RA, 8),
      restore(S0, 0),
      add(SP, SP, 16),
      jump,
    ],
    // The jump may as well be one within the function.
    [8],
  );
}

leavesEverywhere("a function that is traced", [
  trace,
  add(SP, SP, -16),
  save(RA, 8),
  save(S0, 0),
  add(S0, SP, 16),
  call,
  restore(RA, 8),
  restore(S0, 0),
  add(SP, SP, 16),
  ret,
]);

test("given a frame on another stack, as of interrupts, then the frame pointer leads back", () => {
  const steps = [add(SP, SP, -16), save(RA, 8), save(S0, 0), add(S0, SP, 16), call];
  const hart = new Hart();
  for (const step of steps.slice(0, 4)) step.execute(hart);
  hart.x[SP] = 0xffff_8f80_0009_0000n;
  const rules = kernelUnwindRules({ name: "call_on_irq_stack", start: START }, START + 20n, reader(codeOf(steps)));
  assert.is(rules?.canonicalFrameAddress(hart.frame), STACK);
  assert.is(rules?.register(RA, hart.frame, STACK), BigInt(RA) << 32n);
});

/** pc, then x1 to x31. */
const withTrapFrame = (hart: Hart): void => {
  for (let index = 0; index < 32; index += 1) hart.memory.set(STACK + BigInt(8 * index), 0x1000n + BigInt(index));
};

const ENTRY = [add(SP, SP, -288), save(RA, 8), save(18, 0), call];
const EXIT = [restore(RA, 8), restore(SP, 16), { ...ret, name: "sret", operands: {} }];

test("given a call from where traps come in, then the program below has the registers that were saved", () => {
  const hart = new Hart();
  withTrapFrame(hart);
  const rules = kernelUnwindRules({ name: "handle_exception", start: START }, START + 16n, reader(codeOf(ENTRY)));
  assert.is(rules?.canonicalFrameAddress(hart.frame), 0x1002n);
  assert.equal(
    [RA, SP, TP, 31].map((register) => rules?.register(register, hart.frame, 0n)),
    [0x1001n, 0x1002n, 0x1004n, 0x101fn],
  );
  assert.is(rules === undefined ? 0n : rules.register(rules.returnRegister, hart.frame, 0n), 0x1000n);
  assert.ok(rules?.isSignalFrame);
  assert.is(rules?.register(0, hart.frame, 0n), undefined);
});

test("given the first instructions of a trap, while registers are saved, then the stack ends", () => {
  for (const at of [0n, 4n, 8n]) {
    assert.is(
      kernelUnwindRules({ name: "handle_exception", start: START }, START + at, reader(codeOf(ENTRY))),
      undefined,
    );
  }
});

test("given the way back from a trap, then the program is known until the stack pointer is its own again", () => {
  const rules = (at: bigint): unknown =>
    kernelUnwindRules({ name: "ret_from_exception", start: START }, START + at, reader(codeOf(EXIT)));
  assert.ok(rules(0n) !== undefined);
  assert.ok(rules(4n) !== undefined);
  assert.is(rules(8n), undefined);
});

test("given a frame that is made behind what is looked at, then it is not known", () => {
  const frame = [add(SP, SP, -16), save(RA, 8), save(S0, 0), add(S0, SP, 16), branch];
  const hart = new Hart();
  for (const step of frame) step.execute(hart);
  hart.x[SP] = STACK - 64n;
  const address = (before: number): bigint | undefined => {
    const steps = [...Array.from({ length: before }, () => add(A0, A0, 1)), ...frame];
    const pc = START + BigInt(4 * steps.length);
    return kernelUnwindRules({ name: "vfs_read", start: START }, pc, reader(codeOf(steps)))?.canonicalFrameAddress(
      hart.frame,
    );
  };
  const most = MAX_PROLOGUE_BYTES / 4;
  assert.is(address(most - 4), STACK);
  assert.is(address(most - 3), STACK - 48n);
});

test("given an end of a function that is longer than is looked at, then its frame pointer is believed", () => {
  const address = (loads: number): bigint | undefined => {
    const steps = [
      add(SP, SP, -16),
      save(S0, 0),
      add(S0, SP, 16),
      ...Array.from({ length: loads }, () => add(A0, A0, 1)),
      add(SP, SP, 16),
      ret,
    ];
    const hart = new Hart();
    hart.x[SP] = STACK - 16n;
    hart.x[S0] = 0n;
    return kernelUnwindRules(
      { name: "vfs_read", start: START },
      START + 12n,
      reader(codeOf(steps)),
    )?.canonicalFrameAddress(hart.frame);
  };
  const most = MAX_EPILOGUE_BYTES / 4;
  assert.is(address(most - 2), STACK);
  assert.is(address(most - 1), 0n);
});

test("given a way into the kernel that is longer than is looked at, then the stack ends", () => {
  const rules = (before: number): unknown => {
    const steps = [...Array.from({ length: before }, () => add(A0, A0, 1)), save(18, 0), call];
    const pc = START + BigInt(4 * steps.length);
    return kernelUnwindRules({ name: "handle_exception", start: START }, pc, reader(codeOf(steps)));
  };
  const most = MAX_ENTRY_BYTES / 4;
  assert.ok(rules(most - 1) !== undefined);
  assert.is(rules(most), undefined);
});

test("given the last byte of a call, as where it returns to is looked up, then no code is read from there on", () => {
  const steps = [add(SP, SP, -16), save(RA, 8), save(S0, 0), add(S0, SP, 16), call, add(SP, SP, 16), ret];
  const hart = new Hart();
  for (const step of steps.slice(0, 4)) step.execute(hart);
  hart.x[SP] = 0n;
  const asked: bigint[] = [];
  const read = (address: bigint, bytes: number): Uint8Array | undefined => {
    asked.push(address);
    return reader(codeOf(steps))(address, bytes);
  };
  const rules = kernelUnwindRules({ name: "vfs_read", start: START }, START + 19n, read);
  assert.is(rules?.canonicalFrameAddress(hart.frame), STACK);
  assert.equal(asked, [START]);
});

test("given code that is not mapped, then the registers are taken as they are", () => {
  const hart = new Hart();
  const rules = kernelUnwindRules({ name: "vfs_read", start: START }, START + 8n, () => undefined);
  assert.is(rules?.canonicalFrameAddress(hart.frame), STACK);
});

test.run();
