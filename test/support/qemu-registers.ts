// Runs a list of register accesses on QEMU's virt machine, bare-metal, and says what a guest saw after each of them.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test } from "uvu";

import type { Observation, RegisterAccess } from "./register-access.js";
import { requires } from "./requires.js";

/** A test that needs QEMU and the compiler. */
export const given = (name: string, run: () => void): void => {
  if (requires(name, ["qemu-system-riscv64", "riscv64-unknown-elf-gcc"])) test(name, run);
};

/** What each access gave. `qemuArguments` add devices. */
export const observeOnQemu = (
  accesses: readonly RegisterAccess[],
  qemuArguments: readonly string[] = [],
): readonly Observation[] => {
  const folder = mkdtempSync(join(tmpdir(), "foldvm-registers-"));
  try {
    const source = join(folder, "guest.S");
    const elf = join(folder, "guest.elf");
    const console = join(folder, "console");
    writeFileSync(source, GUEST + accesses.map(row).join("") + ".dword -1,0,0,0\n");
    const flags = ["-march=rv64imac_zicsr", "-mabi=lp64", "-nostdlib", "-static", "-Ttext=0x80000000"];
    execFileSync("riscv64-unknown-elf-gcc", [...flags, "-o", elf, source]);
    // By instruction count: else the UART's timeouts depend on how busy the host is.
    const machine = [
      "-M",
      "virt",
      "-icount",
      "shift=7,sleep=off",
      "-global",
      "virtio-mmio.force-legacy=false",
      "-bios",
      "none",
      "-kernel",
      elf,
    ];
    const outputs = ["-display", "none", "-monitor", "none", "-serial", `file:${console}`];
    const run = spawnSync("qemu-system-riscv64", [...machine, ...outputs, ...qemuArguments]);
    if (run.status !== 0) throw new Error(`QEMU ended with ${String(run.status)}: ${run.stderr.toString()}`);
    const printed = readFileSync(console, "latin1");
    return observations(printed.slice(printed.lastIndexOf("@@@") + 3), accesses.length);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const row = ({ address, width, value, waitMs }: RegisterAccess): string =>
  `.dword ${String(address)}, ${String(value ?? 0n)}, ${String(Math.log2(width) | (value === undefined ? 0 : 4))}, ${String((waitMs ?? 0) * 10_000)}\n`;

const observations = (hex: string, count: number): readonly Observation[] =>
  Array.from({ length: count }, (_, index) => {
    const at = (field: number): bigint =>
      BigInt(`0x${hex.slice((index * 3 + field) * 16, (index * 3 + field) * 16 + 16)}`);
    return { value: at(0), trap: Number(at(1)), mip: at(2) };
  });

/** s0 walks the table, s1 the results. A trap skips the access, which is 4 bytes long. */
const GUEST = `
.option norvc
.globl _start
_start:
  la t0, trap
  csrw mtvec, t0
  la s0, table
  la s1, results
next:
  ld a0, 0(s0)
  ld a1, 8(s0)
  ld a2, 16(s0)
  li t0, -1
  beq a0, t0, print
  li s2, 0
  li a3, 0
  slli a2, a2, 3
  la t0, ways
  add t0, t0, a2
  jr t0
.balign 4
ways:
  lbu a3, 0(a0)
  j done
  lhu a3, 0(a0)
  j done
  lwu a3, 0(a0)
  j done
  ld a3, 0(a0)
  j done
  sb a1, 0(a0)
  j done
  sh a1, 0(a0)
  j done
  sw a1, 0(a0)
  j done
  sd a1, 0(a0)
  j done
done:
  ld a4, 24(s0)
  beqz a4, sample
  li t0, 0x200bff8
  ld t1, 0(t0)
  add t1, t1, a4
1:ld t2, 0(t0)
  bltu t2, t1, 1b
sample:
  csrr t0, mip
  li t1, 0xa88
  and t0, t0, t1
  sd a3, 0(s1)
  sd s2, 8(s1)
  sd t0, 16(s1)
  addi s1, s1, 24
  addi s0, s0, 32
  j next
print:
  li s3, 0x10000000
  sb zero, 3(s3)
  sb zero, 4(s3)
  sb zero, 1(s3)
  li t0, '@'
  sb t0, 0(s3)
  sb t0, 0(s3)
  sb t0, 0(s3)
  la s0, results
1:bgeu s0, s1, end
  ld t0, 0(s0)
  li t1, 60
2:srl t2, t0, t1
  andi t2, t2, 15
  li t3, 10
  blt t2, t3, 3f
  addi t2, t2, 39
3:addi t2, t2, 48
  sb t2, 0(s3)
  addi t1, t1, -4
  bgez t1, 2b
  addi s0, s0, 8
  j 1b
end:
  li t0, 0x5555
  li t1, 0x100000
  sw t0, 0(t1)
  j .
.balign 4
trap:
  csrr s2, mcause
  addi s2, s2, 1
  csrr t0, mepc
  addi t0, t0, 4
  csrw mepc, t0
  mret
.bss
.balign 8
results: .space 0x80000
.data
.balign 8
table:
`;
