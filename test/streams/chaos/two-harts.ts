/** Guests of two harts for tests of their schedule, and runs of them that are recorded. */
import { concat, from, lastValueFrom, NEVER, tap, type Observable } from "rxjs";

import type { Machine } from "../../../src/machine/machine.js";
import type { MachineEvent, PositionedEvent } from "../../../src/reducers/events.js";
import { wired } from "../../../src/streams/live/run.js";
import { record } from "../../../src/streams/live/recorder.js";
import type { SequenceOptions } from "../../../src/streams/live/sequence/sequence-options.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { memorySink } from "../../../src/streams/store/log/index.js";
import { Program, X } from "../../support/assemble.js";

const FINISHER = 0x10_0000n;
const PASS = 0x5555n;
const FAIL = 0x3333n;
const COUNTER = 0x8010_0000n;
const DONE = 0x8010_0040n;
const MHARTID = 0xf14;
const MIE = 0x304;

/**
 * Two harts add 1 to a counter `times` times each, by a load and a store: a count is lost where one hart's turn ends in
 * between. The guest ends with code 0 where none was, and with 1 otherwise.
 */
export const counting = (times: number): Uint8Array =>
  new Program()
    .li(X.s0, COUNTER)
    .li(X.s1, DONE)
    .li(X.a0, BigInt(times))
    .label("again")
    .i("ld", { rd: X.t0, rs1: X.s0, imm: 0 })
    .i("addi", { rd: X.t0, rs1: X.t0, imm: 1 })
    .i("sd", { rs1: X.s0, rs2: X.t0, imm: 0 })
    .i("addi", { rd: X.a0, rs1: X.a0, imm: -1 })
    .i("bne", { rs1: X.a0, rs2: X.zero, imm: "again" })
    .li(X.t0, 1n)
    .i("amoadd.w", { rd: X.zero, rs1: X.s1, rs2: X.t0 })
    .i("csrrs", { rd: X.t0, rs1: X.zero, imm: MHARTID })
    .label("sleep")
    .i("beq", { rs1: X.t0, rs2: X.zero, imm: "wait" })
    .i("wfi")
    .i("jal", { imm: "sleep" })
    // Hart 0 waits until both have counted.
    .label("wait")
    .li(X.t1, 2n)
    .label("spin")
    .i("lw", { rd: X.t0, rs1: X.s1, imm: 0 })
    .i("bne", { rs1: X.t0, rs2: X.t1, imm: "spin" })
    .i("ld", { rd: X.t0, rs1: X.s0, imm: 0 })
    .li(X.t1, BigInt(2 * times))
    .li(X.a0, PASS)
    .i("beq", { rs1: X.t0, rs2: X.t1, imm: "end" })
    .li(X.a0, FAIL + (1n << 16n))
    .label("end")
    .li(X.t0, FINISHER)
    .i("sw", { rs1: X.t0, rs2: X.a0, imm: 0 })
    .label("off")
    .i("jal", { imm: "off" })
    .bytes();

const CLINT = 0x200_0000n;

/** Hart 1 spins until hart 2 has set a flag, and then switches off. Hart 0 sleeps, and wakes every 1000 ticks. */
export const waitingBesideATimer = (): Uint8Array =>
  new Program()
    .i("csrrs", { rd: X.t0, rs1: X.zero, imm: MHARTID })
    .li(X.s0, COUNTER)
    .li(X.t1, 1n)
    .i("beq", { rs1: X.t0, rs2: X.t1, imm: "spin" })
    .i("bne", { rs1: X.t0, rs2: X.zero, imm: "set" })
    .li(X.t2, 0x80n)
    .i("csrrw", { rd: X.zero, rs1: X.t2, imm: MIE })
    .li(X.s1, CLINT + 0xbff8n)
    .li(X.a1, CLINT + 0x4000n)
    .label("tick")
    .i("ld", { rd: X.t2, rs1: X.s1, imm: 0 })
    .i("addi", { rd: X.t2, rs1: X.t2, imm: 1000 })
    .i("sd", { rs1: X.a1, rs2: X.t2, imm: 0 })
    .i("wfi")
    .i("jal", { imm: "tick" })
    .label("spin")
    .i("lw", { rd: X.t2, rs1: X.s0, imm: 0 })
    .i("beq", { rs1: X.t2, rs2: X.zero, imm: "spin" })
    .li(X.t0, FINISHER)
    .li(X.a0, PASS)
    .i("sw", { rs1: X.t0, rs2: X.a0, imm: 0 })
    .label("off")
    .i("jal", { imm: "off" })
    .label("set")
    .i("sw", { rs1: X.s0, rs2: X.t1, imm: 0 })
    .label("sleep")
    .i("wfi")
    .i("jal", { imm: "sleep" })
    .bytes();

export interface RecordedRun {
  readonly machine: Machine;
  readonly events: readonly PositionedEvent[];
  readonly bytes: Uint8Array;
}

export interface GuestOptions extends SequenceOptions {
  readonly kernel: Uint8Array;
  readonly harts?: number;
  /** Offered before the start. */
  readonly inputs?: readonly MachineEvent[];
}

/** To its end. */
export async function recorded({ kernel, harts = 2, inputs = [], ...options }: GuestOptions): Promise<RecordedRun> {
  const { machine, header } = openMachine({ memory: "2M", kernel, smp: harts, seed: "test" });
  const sink = memorySink();
  const events: PositionedEvent[] = [];
  const typist = (): Observable<MachineEvent> => concat(from(inputs), NEVER);
  const run$ = wired(machine, [typist], { sleep: false, ...options }).pipe(
    record(machine, sink, header),
    tap((event) => events.push(event)),
  );
  await lastValueFrom(run$, { defaultValue: undefined });
  return { machine, events, bytes: sink.bytes() };
}
