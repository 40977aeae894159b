// The values of -smp that are taken and refused here are those that QEMU takes and refuses.
import { spawnSync } from "node:child_process";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { requires } from "../support/requires.js";
import { REFUSED, TAKEN } from "./smp-lines.js";

/** It refuses at once. Where it takes the line, its monitor says the number of harts and quits. */
const qemu = (smp: string): { readonly code: number | null; readonly stdout: string } => {
  const words = ["-machine", "virt", "-smp", smp, "-S", "-bios", "none", "-display", "none", "-monitor", "stdio"];
  const { status, stdout } = spawnSync("qemu-system-riscv64", [...words, "-serial", "null"], {
    ...{ input: "info cpus\nquit\n", encoding: "utf8", timeout: 60_000 },
  });
  return { code: status, stdout };
};

if (requires("-smp beside QEMU's", ["qemu-system-riscv64"])) {
  for (const [value, harts] of TAKEN)
    test(`given -smp ${value}, when QEMU has it, then its machine has so many harts`, () => {
      const { code, stdout } = qemu(value);
      assert.is(code, 0);
      assert.is(stdout.match(/CPU #\d+:/g)?.length, harts, stdout);
    });
  for (const [value] of REFUSED)
    test(`given -smp ${value}, when QEMU has it, then it refuses`, () => {
      assert.is(qemu(value).code, 1);
    });
}

test.run();
