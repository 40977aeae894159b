/** System calls and switches where no Linux is: a program in U mode that asks a handler in M mode. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { switches, syscalls, traps } from "../../../../src/streams/past/query/index.js";
import { MAX_SYSTEM_CALLS } from "../../../../src/streams/past/query/system-call-names.js";
import { memorySink } from "../../../../src/streams/store/log/index.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { record } from "../../../../src/streams/live/recorder.js";
import { run } from "../../../../src/streams/live/run.js";
import type { Recording } from "../../../../src/streams/past/recording.js";
import { Program } from "../../../support/assemble.js";

const CSR = { mstatus: 0x300, mtvec: 0x305, mepc: 0x341, pmpcfg0: 0x3a0, pmpaddr0: 0x3b0 } as const;
const HANDLER = 0x8000_0200n;
const PROGRAM = 0x8000_0100n;
const [A0, A1, A7, T0, T1] = [10, 11, 17, 5, 6];
/** Beyond all that have names. */
const OFF = BigInt(MAX_SYSTEM_CALLS);

/** Two calls: the first one returns what it was given and 1 more, the second one ends the machine. */
async function recordCalls(): Promise<Recording> {
  const start = new Program()
    .csr(CSR.pmpaddr0, (1n << 54n) - 1n)
    .csr(CSR.pmpcfg0, 0x1fn)
    .csr(CSR.mtvec, HANDLER)
    .csr(CSR.mepc, PROGRAM)
    .csr(CSR.mstatus, 0n)
    .i("mret");
  const program = new Program().li(A0, 6n).li(A1, 7n).li(A7, 64n).i("ecall").li(A7, OFF).i("ecall");
  const handler = new Program()
    .li(T0, OFF)
    .i("beq", { rs1: A7, rs2: T0, imm: "off" })
    .i("addi", { rd: A0, rs1: A0, imm: 1 })
    .i("csrrs", { rd: T1, rs1: 0, imm: CSR.mepc })
    .i("addi", { rd: T1, rs1: T1, imm: 4 })
    .i("csrrw", { rd: 0, rs1: T1, imm: CSR.mepc })
    .i("mret")
    .label("off")
    .li(T0, 0x10_0000n)
    .li(T1, 0x5555n)
    .i("sw", { rs1: T0, rs2: T1 })
    .label("end")
    .i("jal", { imm: "end" });
  const kernel = new Uint8Array(0x400);
  kernel.set(start.bytes(), 0);
  kernel.set(program.bytes(), 0x100);
  kernel.set(handler.bytes(), 0x200);
  const { machine, header } = openMachine({ memory: "2M", bios: "none", kernel, seed: "calls" });
  const sink = memorySink();
  await run(machine, [])
    .pipe(record(machine, sink, header))
    .forEach(() => undefined);
  return openRecording(sink.bytes(), { images: { kernel } });
}

test("given a program without Linux, then its calls have numbers, arguments and results, and no names", async () => {
  const recording = await recordCalls();
  const [first, second, ...rest] = syscalls(recording, { results: true }).toArray();
  assert.is(rest.length, 0);
  assert.ok(first !== undefined && second !== undefined);
  assert.equal([first.number, first.args.slice(0, 2), first.name, first.pid], [64, [6n, 7n], undefined, undefined]);
  assert.is(first.returned?.value, 7n);
  const { returned } = first;
  assert.ok(returned !== undefined && returned.icount > first.icount && returned.icount < second.icount);
  assert.equal([second.number, second.returned], [Number(OFF), undefined]);
  assert.equal(
    syscalls(recording)
      .toArray()
      .map(({ icount }) => icount),
    [first.icount, second.icount],
  );
  assert.equal(syscalls(recording, { of: "openat" }).toArray(), []);
  assert.equal(traps(recording, { results: true }).first()?.returned, first.returned);
});

test("given no Linux, when switches are asked for, then the message says that there are no tasks", () => {
  assert.throws(() => switches(openRecording("logs/session.fold")).toArray(), /no Linux kernel is in the guest/);
});

test.run();
