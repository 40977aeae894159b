// What OpenSBI does for a kernel of several harts: starts and stops them (HSM), interrupts them (IPI), and has them
// forget what they fetched (RFENCE). A small kernel goes on only where each of these works, and then powers off; QEMU
// powers off too. Seen red: without software interrupts to hart 2.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { readPhysical } from "../../../src/machine/inspect.js";
import { memorySink } from "../../../src/streams/store/log/index.js";
import { Program, X } from "../../support/assemble.js";
import { encode } from "../../support/encode.js";
import { requires } from "../../support/requires.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";
import { recordTyped } from "../../support/typed-recording.js";

const FIRMWARE = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf";
const HARTS = 4;
/** Where the firmware jumps to, and where a hart starts. */
const KERNEL = 0x8020_0000n;
/** A word for each hart: how far it is. Another one: what the code returned to it. */
const STAGES = 0x8030_0000n;
const ANSWERS = 0x8030_0100n;
/** Code that is written, and called by all others. */
const CODE = 0x8030_1000n;

const HSM = 0x48_534dn;
const IPI = 0x73_5049n;
const RFENCE = 0x5246_4e43n;
const RESET = 0x5352_5354n;
const HSM_STOPPED = 1;
const [A6, A7, T3] = [16, 17, 28];
const [SIE, SIP, SSI] = [0x104, 0x144, 2];
/** What tells a started hart from the one that booted: that one has the device tree's address in a1. */
const STARTED = 1n;

/** As a mask. */
const ALL = BigInt(2 ** HARTS - 1);

class Kernel extends Program {
  private labels = 0;

  sbi(extension: bigint, functionId: bigint, ...given: readonly bigint[]): this {
    given.forEach((value, index) => this.li(X.a0 + index, value));
    return this.li(A6, functionId).li(A7, extension).i("ecall");
  }

  /** On any hart but this one: the one that boots is not the same on every run of QEMU. */
  unlessOn(hart: number, work: () => void): this {
    const label = this.newLabel();
    this.li(X.t0, BigInt(hart)).i("beq", { rs1: X.s0, rs2: X.t0, imm: label });
    work();
    return this.label(label);
  }

  /** Spins for ever unless the call succeeded. */
  mustSucceed(): this {
    const label = this.newLabel();
    return this.label(label).i("bne", { rs1: X.a0, rs2: X.zero, imm: label });
  }

  /** Until the word is the value. */
  awaitWord(address: bigint, value: bigint): this {
    const label = this.newLabel();
    this.li(X.t0, address).li(X.t1, value).label(label);
    return this.i("lw", { rd: X.t2, rs1: X.t0, imm: 0 }).i("bne", { rs1: X.t2, rs2: X.t1, imm: label });
  }

  storeWord(address: bigint, value: bigint): this {
    return this.li(X.t0, address).li(X.t1, value).i("sw", { rs1: X.t0, rs2: X.t1, imm: 0 });
  }

  /** To `base` + 4 times the hart in s0. */
  storeOwn(base: bigint, register: number): this {
    this.li(X.t0, base).i("slli", { rd: T3, rs1: X.s0, imm: 2 }).i("add", { rd: X.t0, rs1: X.t0, rs2: T3 });
    return this.i("sw", { rs1: X.t0, rs2: register, imm: 0 });
  }

  call(address: bigint): this {
    return this.li(X.t0, address).i("jalr", { rd: X.ra, rs1: X.t0, imm: 0 });
  }

  private newLabel(): string {
    this.labels += 1;
    return `label ${String(this.labels)}`;
  }
}

const returning = (value: number): bigint => BigInt(encode("addi", { rd: X.a0, rs1: X.zero, imm: value }) >>> 0);
const RETURN = BigInt(encode("jalr", { rd: X.zero, rs1: X.ra, imm: 0 }) >>> 0);

const kernel = (): Uint8Array => {
  const program = new Kernel();
  const others = (work: (hart: bigint) => void): void => {
    for (let hart = 0; hart < HARTS; hart += 1) program.unlessOn(hart, () => work(BigInt(hart)));
  };

  program.i("addi", { rd: X.s0, rs1: X.a0, imm: 0 });
  program.li(X.t0, STARTED).i("beq", { rs1: X.a1, rs2: X.t0, imm: "started" });
  program
    .storeWord(CODE, returning(7))
    .storeWord(CODE + 4n, RETURN)
    .i("fence");
  others((hart) => program.sbi(HSM, 0n, hart, KERNEL, STARTED).mustSucceed());
  others((hart) => program.awaitWord(STAGES + 4n * hart, 1n));
  program.sbi(IPI, 0n, ALL, 0n).mustSucceed();
  others((hart) => program.awaitWord(STAGES + 4n * hart, 2n));
  program.storeWord(CODE, returning(42)).sbi(RFENCE, 0n, ALL, 0n).mustSucceed();
  program.sbi(RFENCE, 1n, ALL, 0n, CODE, 4096n).mustSucceed();
  others((hart) => program.storeWord(STAGES + 4n * hart, 3n));
  others((hart) => {
    const label = `hart ${String(hart)} runs`;
    program.label(label).sbi(HSM, 2n, hart).li(X.t0, BigInt(HSM_STOPPED));
    program.i("bne", { rs1: X.a1, rs2: X.t0, imm: label }).awaitWord(ANSWERS + 4n * hart, 42n);
  });
  program.sbi(RESET, 0n, 0n, 0n).label("end").i("jal", { imm: "end" });

  program.label("started").call(CODE).storeOwn(ANSWERS, X.a0);
  program.csr(SIE, BigInt(SSI)).li(X.s1, 1n).storeOwn(STAGES, X.s1);
  program.label("asleep").i("wfi").i("csrrs", { rd: X.t0, rs1: X.zero, imm: SIP });
  program.i("andi", { rd: X.t0, rs1: X.t0, imm: SSI }).i("beq", { rs1: X.t0, rs2: X.zero, imm: "asleep" });
  program.i("csrrci", { rd: X.zero, rs1: SSI, imm: SIP }).li(X.s1, 2n).storeOwn(STAGES, X.s1);
  // Until the code is another.
  program.li(X.t1, 3n).label("waits").i("lw", { rd: X.t2, rs1: X.t0, imm: 0 });
  program.i("bne", { rs1: X.t2, rs2: X.t1, imm: "waits" });
  program.call(CODE).storeOwn(ANSWERS, X.a0).sbi(HSM, 1n).label("not stopped").i("jal", { imm: "not stopped" });
  return program.bytes();
};

const NAME =
  "given a kernel that starts, interrupts, fences and stops three harts through OpenSBI, then all of it works";
if (requires(NAME, ["opensbi"]))
  test(NAME, async () => {
    const { machine } = await recordTyped(
      {
        seed: 1,
        machine: { memory: "64M", bios: FIRMWARE, kernel: kernel(), smp: HARTS },
        steps: [],
        sequence: { sleep: false, untilIcount: 200_000_000 },
      },
      memorySink(),
    );
    assert.equal(machine.ended?.cause, "guest-shutdown");
    const answers = Array.from({ length: HARTS - 1 }, (_, index) => ANSWERS + 4n * BigInt(index + 1));
    const state = machine.state();
    assert.equal(
      answers.map((address) => Buffer.from(readPhysical(state, address, 4) ?? []).readInt32LE()),
      [42, 42, 42],
    );
  });

const ON_QEMU = "given the same kernel, when QEMU runs it, then it powers off too";
if (requires(ON_QEMU, ["opensbi", "qemu-system-riscv64"]))
  test(ON_QEMU, () =>
    withTemporaryFolder((folder) => {
      const path = join(folder, "kernel");
      writeFileSync(path, kernel());
      const machine = ["-M", "virt", "-smp", String(HARTS), "-m", "64M", "-bios", FIRMWARE, "-kernel", path];
      execFileSync("qemu-system-riscv64", [...machine, "-display", "none", "-serial", "null"], { timeout: 60_000 });
    }),
  );

test.run();
