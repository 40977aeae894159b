/**
 * Guests of a few instructions, each for one thing that a test wants to see; raw images for RAM's start, without
 * firmware.
 */
import { Program, X } from "./assemble.js";

const UART = 0x1000_0000n;
const RTC = 0x10_1000n;
const CLINT_MTIMECMP = 0x200_4000n;
const FINISHER = 0x10_0000n;
const PASS = 0x5555n;
const RAM_START = 0x8000_0000n;
const MSTATUS = 0x300;
const MSTATUS_MIE = 8n;
const MIE = 0x304;
const MTVEC = 0x305;
const TIME = 0xc01;
const MTIE = 1n << 7n;
const FCR = 2;
const LSR = 5;
const DATA_READY = 1;
const FINISHER_WAIT = "off";

/** Runs for ever and touches nothing. */
export const spinning = (): Uint8Array => new Program().label("again").i("jal", { imm: "again" }).bytes();

/** Sleeps for ever: no interrupt is enabled. */
export const sleeping = (): Uint8Array => new Program().label("again").i("wfi").i("jal", { imm: "again" }).bytes();

/** Wakes each `ticks` of mtime, counts in s1, and sleeps again. */
export const ticking = (ticks: number): Uint8Array =>
  new Program()
    .csr(MIE, MTIE)
    .li(X.s0, CLINT_MTIMECMP)
    .li(X.a0, BigInt(ticks))
    .li(X.t0, 0n)
    .label("again")
    .i("add", { rd: X.t0, rs1: X.t0, rs2: X.a0 })
    .i("sd", { rs1: X.s0, rs2: X.t0, imm: 0 })
    .i("wfi")
    .i("addi", { rd: X.s1, rs1: X.s1, imm: 1 })
    .i("jal", { imm: "again" })
    .bytes();

/** Polls the UART and sends back each byte; its receiver has no FIFO, so it takes one byte at a time. */
export const echoing = (): Uint8Array =>
  new Program()
    .li(X.s0, UART)
    .label("again")
    .i("lbu", { rd: X.t0, rs1: X.s0, imm: LSR })
    .i("andi", { rd: X.t0, rs1: X.t0, imm: DATA_READY })
    .i("beq", { rs1: X.t0, rs2: X.zero, imm: "again" })
    .i("lbu", { rd: X.t0, rs1: X.s0, imm: 0 })
    .i("sb", { rs1: X.s0, rs2: X.t0, imm: 0 })
    .i("jal", { imm: "again" })
    .bytes();

/** Switches the UART's FIFOs on, and leaves what comes in there. */
export const withFifo = (): Uint8Array =>
  new Program()
    .li(X.s0, UART)
    .li(X.t0, 1n)
    .i("sb", { rs1: X.s0, rs2: X.t0, imm: FCR })
    .label("again")
    .i("jal", { imm: "again" })
    .bytes();

/** Reads the RTC `times` times, sends the low byte of each half after each reading, and powers off. */
export const readingTheTime = (times: number): Uint8Array =>
  new Program()
    .li(X.s0, UART)
    .li(X.s1, RTC)
    .li(X.a0, BigInt(times))
    .label("again")
    .i("lwu", { rd: X.t0, rs1: X.s1, imm: 0 })
    .i("lwu", { rd: X.t1, rs1: X.s1, imm: 4 })
    .i("sb", { rs1: X.s0, rs2: X.t0, imm: 0 })
    .i("sb", { rs1: X.s0, rs2: X.t1, imm: 0 })
    .i("addi", { rd: X.a0, rs1: X.a0, imm: -1 })
    .i("bne", { rs1: X.a0, rs2: X.zero, imm: "again" })
    .li(X.t0, FINISHER)
    .li(X.t1, PASS)
    .i("sw", { rs1: X.t0, rs2: X.t1, imm: 0 })
    .label(FINISHER_WAIT)
    .i("jal", { imm: FINISHER_WAIT })
    .bytes();

/** Works on: a round writes another page, reads the RTC, prints a line and counts; after the last one it powers off. */
export const working = (rounds: number, insnsARound: number): Uint8Array =>
  new Program()
    .li(X.s0, UART)
    .li(X.s1, RTC)
    .li(X.a2, RAM_START + 0x10_0000n)
    .li(X.a3, 0x1000n)
    .li(X.a0, BigInt(rounds))
    .label("again")
    .i("sd", { rs1: X.a2, rs2: X.a0, imm: 0 })
    .i("add", { rd: X.a2, rs1: X.a2, rs2: X.a3 })
    .i("lwu", { rd: X.t0, rs1: X.s1, imm: 0 })
    .li(X.t0, BigInt("#".charCodeAt(0)))
    .i("sb", { rs1: X.s0, rs2: X.t0, imm: 0 })
    .li(X.t0, BigInt("\n".charCodeAt(0)))
    .i("sb", { rs1: X.s0, rs2: X.t0, imm: 0 })
    .li(X.t0, BigInt(insnsARound / 2))
    .label("count")
    .i("addi", { rd: X.t0, rs1: X.t0, imm: -1 })
    .i("bne", { rs1: X.t0, rs2: X.zero, imm: "count" })
    .i("addi", { rd: X.a0, rs1: X.a0, imm: -1 })
    .i("bne", { rs1: X.a0, rs2: X.zero, imm: "again" })
    .li(X.t0, FINISHER)
    .li(X.t1, PASS)
    .i("sw", { rs1: X.t0, rs2: X.t1, imm: 0 })
    .label(FINISHER_WAIT)
    .i("jal", { imm: FINISHER_WAIT })
    .bytes();

/** Arms the RTC's alarm `afterNs` from now (below 2 s), and then does as `rest` says. */
const alarmed = (afterNs: number, rest: (program: Program) => Program): Uint8Array =>
  rest(
    new Program()
      .li(X.s1, RTC)
      .i("lwu", { rd: X.t0, rs1: X.s1, imm: 0 })
      .i("lwu", { rd: X.t1, rs1: X.s1, imm: 4 })
      .i("slli", { rd: X.t1, rs1: X.t1, imm: 32 })
      .i("or", { rd: X.t0, rs1: X.t0, rs2: X.t1 })
      .li(X.t1, BigInt(afterNs))
      .i("add", { rd: X.t0, rs1: X.t0, rs2: X.t1 })
      .i("srli", { rd: X.t1, rs1: X.t0, imm: 32 })
      .i("sw", { rs1: X.s1, rs2: X.t1, imm: 12 })
      .i("sw", { rs1: X.s1, rs2: X.t0, imm: 8 }),
  ).bytes();

/** With the alarm armed, it spins. */
export const waitingForTheAlarm = (afterNs: number): Uint8Array =>
  alarmed(afterNs, (program) => program.label("again").i("jal", { imm: "again" }));

/** With the alarm armed, it sleeps: no interrupt is enabled. */
export const sleepingUntilTheAlarm = (afterNs: number): Uint8Array =>
  alarmed(afterNs, (program) => program.label("again").i("wfi").i("jal", { imm: "again" }));

/** Stores a value to the test finisher, and spins. */
export const finishing = (value: bigint): Uint8Array =>
  new Program()
    .li(X.t0, FINISHER)
    .li(X.t1, value)
    .i("sw", { rs1: X.t0, rs2: X.t1, imm: 0 })
    .label(FINISHER_WAIT)
    .i("jal", { imm: FINISHER_WAIT })
    .bytes();

/** Sleeps until a timer, whose handler begins with a reading of the RTC. */
export const readingTheTimeInAHandler = (): Uint8Array =>
  new Program()
    .i("jal", { imm: "start" })
    .label("handler")
    .i("lwu", { rd: X.t0, rs1: X.s1, imm: 0 })
    .i("jal", { imm: "handler" })
    .label("start")
    .csr(MTVEC, RAM_START + 4n)
    .csr(MIE, MTIE)
    .li(X.s1, RTC)
    .li(X.s0, CLINT_MTIMECMP)
    .li(X.t0, 100_000n)
    .i("sd", { rs1: X.s0, rs2: X.t0, imm: 0 })
    .csr(MSTATUS, MSTATUS_MIE)
    .label("again")
    .i("wfi")
    .i("jal", { imm: "again" })
    .bytes();

/** What `rearming` waits for: ticks of mtime from one store of mtimecmp to its interrupt, and turns in between. */
export const REARM = { farTicks: 1_000_000, nearTicks: 200, spins: 40 } as const;

/**
 * Arms far, spins, arms near; its handler arms one already past; the second interrupt's handler powers off. In between
 * it counts in s1, two instructions a turn.
 */
export const rearming = ({
  farTicks,
  nearTicks,
  spins,
}: Readonly<Record<keyof typeof REARM, number>> = REARM): Uint8Array =>
  new Program()
    .i("jal", { imm: "start" })
    .label("handler")
    .i("bne", { rs1: X.a2, rs2: X.zero, imm: "finish" })
    .i("addi", { rd: X.a2, rs1: X.s1, imm: 0 })
    .i("sd", { rs1: X.s0, rs2: X.zero, imm: 0 })
    .i("mret")
    .label("finish")
    .i("sw", { rs1: X.a0, rs2: X.a1, imm: 0 })
    .label(FINISHER_WAIT)
    .i("jal", { imm: FINISHER_WAIT })
    .label("start")
    .csr(MTVEC, RAM_START + 4n)
    .csr(MIE, MTIE)
    .li(X.s0, CLINT_MTIMECMP)
    .li(X.a0, FINISHER)
    .li(X.a1, PASS)
    .li(X.a2, 0n)
    .li(X.s1, 1n)
    .li(X.t0, BigInt(farTicks))
    .i("sd", { rs1: X.s0, rs2: X.t0, imm: 0 })
    .csr(MSTATUS, MSTATUS_MIE)
    .li(X.t1, BigInt(spins))
    .label("spin")
    .i("addi", { rd: X.t1, rs1: X.t1, imm: -1 })
    .i("bne", { rs1: X.t1, rs2: X.zero, imm: "spin" })
    .i("csrrs", { rd: X.t0, imm: TIME })
    .li(X.t1, BigInt(nearTicks))
    .i("add", { rd: X.t0, rs1: X.t0, rs2: X.t1 })
    .i("sd", { rs1: X.s0, rs2: X.t0, imm: 0 })
    .label("again")
    .i("addi", { rd: X.s1, rs1: X.s1, imm: 1 })
    .i("jal", { imm: "again" })
    .bytes();
