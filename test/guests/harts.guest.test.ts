/** The committed programs for several harts: built from the sources beside them, and run by QEMU with as many harts. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { buildGuest, guestCompilerFits } from "../support/guest-build.js";
import { HARTS_ELF, HARTS_MEMORY, HartsGuest, hartsAtReset, ONE_ANSWER } from "../support/harts-guest.js";
import { requires } from "../support/requires.js";

const BUILD = "given the sources of the programs for several harts, when built, then it is the committed ELF";
if (guestCompilerFits(BUILD))
  test(BUILD, async () => {
    assert.ok(
      (await buildGuest("harts")).equals(readFileSync(HARTS_ELF)),
      "run guests/harts/build.sh, commit harts.elf",
    );
  });

const TIME_LIMIT_MS = 60_000;

const onQemu = (program: string, harts: number): Promise<{ console: string; code: number }> =>
  new Promise((resolve, reject) => {
    const board = ["-M", "virt", "-smp", String(harts), "-m", HARTS_MEMORY, "-bios", "none", "-kernel", HARTS_ELF];
    const host = ["-display", "none", "-monitor", "none", "-serial", "stdio"];
    const limit = { timeout: TIME_LIMIT_MS };
    execFile("qemu-system-riscv64", [...board, ...host, "-append", program], limit, (fault, console) => {
      const code = fault === null ? 0 : fault.code;
      if (typeof code === "number") resolve({ console: console.replaceAll("\r\n", "\n"), code });
      else reject(fault ?? new Error("no exit code"));
    });
  });

for (const harts of [2, 4, 8]) {
  for (const program of ONE_ANSWER) {
    const name = `given ${program} and ${String(harts)} harts, when QEMU runs it, then its answer is ours`;
    if (requires(name, ["qemu-system-riscv64"]))
      test(name, async () => {
        const { code, console } = new HartsGuest(hartsAtReset(program, harts)).run();
        assert.equal(await onQemu(program, harts), { code, console });
      });
  }
}

for (const program of ["litmus-sb", "litmus-mp", "litmus-lb", "litmus-iriw", "litmus-corr"]) {
  const name = `given ${program}, when QEMU runs it on 4 harts, then what our schedules never show does not come there either`;
  if (requires(name, ["qemu-system-riscv64"]))
    test(name, async () => {
      const { code, console } = await onQemu(program, 4);
      assert.is(code, 0, console);
    });
}

test.run();
