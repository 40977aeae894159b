/** The committed guest for names: built from the sources beside it, and run by a machine that nobody here wrote. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { buildGuest, guestCompilerFits, guestElf } from "../support/guest-build.js";
import { requires } from "../support/requires.js";

const ELF = guestElf("names");

const BUILD = "given the sources, when they are built, then the ELF has the committed bytes";
if (guestCompilerFits(BUILD))
  test(BUILD, async () => {
    assert.ok((await buildGuest("names")).equals(readFileSync(ELF)), "guests/names/build.sh makes other bytes");
  });

const QEMU = "given the committed ELF, when QEMU runs it, then it prints what it computed and ends";
if (requires(QEMU, ["qemu-system-riscv64"]))
  test(QEMU, () => {
    const board = ["-machine", "virt", "-m", "64M", "-nographic", "-monitor", "none", "-serial", "stdio"];
    const shown = execFileSync("qemu-system-riscv64", [...board, "-bios", "none", "-kernel", ELF], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    assert.is(shown, "total 368526\nfilled 12\ncorner 12\nbyte 14\ncell 19\n");
  });

test.run();
