/** Which xRET ends which trap, where traps lie in each other, and tasks take turns. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Machine } from "../../../../src/machine/machine.js";
import { TrapReturns } from "../../../../src/streams/past/query/trap-returns.js";

const [U, S] = [0n, 1n];
const SRET = 0x1020_0073;
const SPP = 1n << 8n;
const ECALL_FROM_U = 8n;
const PAGE_FAULT = 13n;

/** A hart with a stack pointer, at a level: as it stands at a trap, or at an sret to that level. */
const standing = (privilege: bigint, sp: bigint, sscratch = 0n): Machine =>
  ({
    ...{ hart: 0, pc: 0x100n, position: { seq: 1, icount: 0 }, virtualNsAt: () => 0n, codeAt: () => SRET },
    x: (register: number) => (register === 2 ? sp : 0n),
    present: { harts: [{ fields: { privilege, sscratch, mstatus: privilege === S ? SPP : 0n, sepc: 0x104n } }] },
  }) as unknown as Machine;

const settledBy = (returns: TrapReturns, machine: Machine): readonly number[] | undefined =>
  returns.reached(machine, 5)?.calls;

test("given a trap in a trap, then the first sret ends the inner one, as its stack pointer is back", () => {
  const returns = new TrapReturns();
  returns.taken(standing(S, 100n), PAGE_FAULT);
  returns.taken(standing(S, 60n), PAGE_FAULT);
  assert.equal(settledBy(returns, standing(S, 80n)), undefined);
  assert.equal(settledBy(returns, standing(S, 60n)), [1]);
  assert.equal(settledBy(returns, standing(S, 100n)), [0]);
  assert.equal(settledBy(returns, standing(S, 100n)), undefined);
});

test("given two tasks in system calls, then each goes on by itself, whatever its stack pointer is by then", () => {
  const returns = new TrapReturns();
  returns.taken(standing(U, 100n, 7n), ECALL_FROM_U);
  returns.taken(standing(U, 100n, 8n), ECALL_FROM_U);
  assert.equal(settledBy(returns, standing(U, 40n, 7n)), [0]);
  assert.equal(settledBy(returns, standing(U, 100n, 8n)), [1]);
});

test("given a trap where another one was left, then that one is settled without a return", () => {
  const returns = new TrapReturns();
  returns.taken(standing(U, 100n, 7n), ECALL_FROM_U);
  assert.equal(returns.taken(standing(U, 50n, 7n), ECALL_FROM_U), { calls: [0], returned: undefined });
});

test.run();
