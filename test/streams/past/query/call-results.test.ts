/** Results of calls, against an execution in which each instruction is looked at. */
import { fileURLToPath } from "node:url";
import { lastValueFrom, toArray } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Machine } from "../../../../src/machine/machine.js";
import { Evaluator } from "../../../../src/machine/reference/evaluate.js";
import { ReferenceEngine } from "../../../../src/machine/reference/reference-engine.js";
import { CallsInOrder } from "../../../../src/streams/past/query/calls-in-order.js";
import { calls, type Call } from "../../../../src/streams/past/query/index.js";
import { MAX_UNRETURNED_CALLS } from "../../../../src/streams/past/query/returns.js";
import type { Recording } from "../../../../src/streams/past/recording.js";
import { replay } from "../../../../src/streams/past/replayer.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { workers } from "../../../../src/streams/session/query-pool/workers.js";
import { Program, X } from "../../../support/assemble.js";
import { recorded } from "../../../support/recorded.js";

const log = (name: string): string => fileURLToPath(new URL(`../../../../logs/${name}.fold`, import.meta.url));

const [RA, SP, A0] = [1, 2, 10];

/** `name, called at, returned at, a0`, in the order of the calls. */
function callsByBruteForce(recording: Recording, from: number, until: number): readonly string[] {
  const functions = new Map(recording.names.functionsNamed(/./).map(({ address, name }) => [address, name]));
  const found: { line: string; ra: bigint; sp: bigint; hart: number; isOpen: boolean }[] = [];
  let last = "";
  class LookingEvaluator extends Evaluator {
    override step(): void {
      const [pc, icount, sp] = [this.pc(), Number(this.input("icount")), this.x(SP)];
      const { hart } = machine;
      // What waits for the host starts again.
      const here = `${String(icount)} ${String(hart)} ${String(pc)}`;
      if (here !== last) {
        for (const call of found) {
          if (!call.isOpen || call.ra !== pc || call.sp !== sp) continue;
          call.isOpen = false;
          call.line += ` ${String(icount)} ${String(this.x(A0))}`;
        }
        const name = functions.get(pc);
        if (name !== undefined)
          found.push({ line: `${name} ${String(icount)}`, ra: this.x(RA), sp, hart, isOpen: true });
      }
      last = here;
      super.step();
      // A call leaves those of the same frame that have not returned.
      const next = this.x(RA);
      if ((next !== pc + 2n && next !== pc + 4n) || this.pc() === next) return;
      for (const call of found) if (call.ra === next && call.sp === sp) call.isOpen = false;
    }
  }
  const machine: Machine = recording.openMachine(
    (initial, options) =>
      new Machine(initial, {
        ...options,
        engine: (bus, wanted) =>
          new ReferenceEngine(bus, { ...wanted, evaluator: (parts) => new LookingEvaluator(parts) }),
      }),
  );
  machine.load(recording.at(from));
  replay(machine, recording.log, until);
  return found.map(({ line }) => line);
}

/** With a0, whatever the type says. */
const rawLine = ({ function: name, icount, returned }: Call): string =>
  `${name} ${String(icount)}${returned === undefined ? "" : ` ${String(returned.icount)} ${numberOf(returned.value)}`}`;

const numberOf = (given: unknown): string => (typeof given === "bigint" ? given.toString() : "");

/** A recording whose names have no types. */
function untyped(recording: Recording): Recording {
  recording.names.functionType = () => undefined;
  return recording;
}

for (const [name, from, until] of [
  ["race-fails", 0, 60_000],
  ["session", 0, 60_000],
] as const) {
  test(`given a part of the golden log ${name}, when results are asked for, then they are those of brute force`, () => {
    const recording = untyped(openRecording(log(name)));
    const expected = callsByBruteForce(recording, from, until);
    const found = calls(recording, { of: /./, from, until, results: true }).toArray();
    assert.ok(expected.length > 50, String(expected.length));
    assert.equal(found.map(rawLine), expected);
    recording.close();
  });
}

test("given calls with results, when they are pushed, given to threads, and asked for the first and last, then the rows are the same", async () => {
  const recording = openRecording(log("race-fails"));
  const query = calls(recording, { of: /^(uart|log|console)_/, until: 3_000_000, results: true });
  const rows = query.toArray();
  assert.ok(rows.length > 100 && rows.some(({ returned }) => returned !== undefined), String(rows.length));
  assert.equal(await lastValueFrom(query.pipe(toArray())), rows);
  assert.equal(query.first(), rows[0]);
  assert.equal(query.last(), rows.at(-1));
  const pool = workers(2);
  try {
    assert.equal(await query.on(pool).toArray(), rows);
  } finally {
    pool.close();
  }
});

test("given calls with and without results, then they are the same calls", () => {
  const recording = openRecording(log("race-fails"));
  const plain = calls(recording, { of: /uart/, until: 500_000 }).toArray();
  const withResults = calls(recording, { of: /uart/, until: 500_000, results: true }).toArray();
  assert.equal(
    withResults.map(({ returned: _, ...row }) => row),
    plain,
  );
});

test("given functions whose types are known, then parameters and results are typed, and frozen", () => {
  const recording = openRecording(log("race-fails"));
  const query = calls(recording, { of: ["fdt_read_board", "uart_put", "string_starts"], until: 20_000, results: true });
  const [board, put, starts] = ["fdt_read_board", "uart_put", "string_starts"].map((name) =>
    query.toArray().find((row) => row.function === name),
  );
  assert.equal(board?.parameters, { address: board?.args[0], board: board?.args[1] });
  assert.is(board?.returned?.value, true);
  assert.ok(Object.isFrozen(board?.parameters) && Object.isFrozen(board?.returned));
  assert.equal(put?.parameters, { c: 13n });
  assert.is(put?.returned?.value, undefined);
  assert.ok((put?.returned?.icount ?? 0) > (put?.icount ?? 0));
  assert.is(starts?.returned?.value, false);
});

test("given a function that never returns, and one under way at the end of the range, then neither has returned", () => {
  const recording = openRecording(log("race-fails"));
  const rows = calls(recording, { of: ["main", "fdt_read_board"], until: 5000, results: true }).toArray();
  assert.equal(
    rows.map(({ function: name, returned }) => [name, returned]),
    [
      ["main", undefined],
      ["fdt_read_board", undefined],
    ],
  );
});

/** `left(1)` leaves by a jump, as longjmp does; the second time its call is branched around, in the same frame. */
const leavingByAJump = (): Uint8Array =>
  new Program()
    .i("addi", { rd: X.a0, rs1: X.zero, imm: 1 })
    .i("jal", { rd: X.ra, imm: "calling" })
    .label("after")
    .i("addi", { rd: X.a0, rs1: X.zero, imm: 0 })
    .i("jal", { rd: X.ra, imm: "calling" })
    .li(X.t0, 0x10_0000n)
    .li(X.t1, 0x5555n)
    .i("sw", { rs1: X.t0, rs2: X.t1, imm: 0 })
    .label("calling")
    .i("addi", { rd: X.s1, rs1: X.ra, imm: 0 })
    .i("beq", { rs1: X.a0, rs2: X.zero, imm: "around" })
    .i("jal", { rd: X.ra, imm: "left" })
    .label("around")
    .i("jalr", { rd: X.zero, rs1: X.s1, imm: 0 })
    .label("left")
    .i("jal", { rd: X.zero, imm: "after" })
    .bytes();

test("given a call that is left by a jump, when a branch leads behind it later, then it has not returned", async () => {
  const bytes = leavingByAJump();
  const recording = await recorded({ kernel: bytes, bios: "none", memory: "2M" });
  const left = { name: "left", address: 0x8000_0000n + BigInt(bytes.length - 4), sizeBytes: 4n };
  recording.names.named = () => ({ ...left, type: "function" }) as never;
  const rows = calls(recording, { of: "left", results: true }).toArray();
  assert.equal(
    rows.map(({ args, returned }) => [args[0], returned]),
    [[1n, undefined]],
  );
  recording.close();
});

test("given one call more under way than rows wait for, then the oldest counts as one that has not returned", () => {
  const inOrder = new CallsInOrder<Call & { returned?: Call["returned"] }>();
  const emitted: Call[] = [];
  const result = (): bigint => 7n;
  const emit = (row: Call): void => {
    emitted.push(row);
  };
  const call = (icount: number): Call => ({ icount, returned: undefined }) as unknown as Call;
  for (let index = 0; index < MAX_UNRETURNED_CALLS; index += 1) inOrder.called(call(index), result, emit);
  assert.is(emitted.length, 0);
  inOrder.called(call(MAX_UNRETURNED_CALLS), result, emit);
  assert.equal(
    emitted.map(({ icount, returned }) => [icount, returned]),
    [[0, undefined]],
  );
  const instant = { seq: 1, icount: 2, ns: 3n } as never;
  inOrder.settled({ calls: [0, 1], returned: { ...(instant as object), carried: {} } as never }, emit);
  assert.is(emitted[0]?.returned, undefined);
  assert.is(emitted[1]?.returned?.icount, 2);
  inOrder.end(emit);
  assert.is(emitted.length, MAX_UNRETURNED_CALLS + 1);
});

test.run();
