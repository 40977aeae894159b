/** The committed virtio guest: built from the sources beside it, and driven by QEMU's devices as by ours. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { buildGuest, guestCompilerFits, guestElf } from "../support/guest-build.js";
import { requires } from "../support/requires.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";

const ELF = guestElf("virtio");

const BUILD = "given the sources, when built, then it is the committed ELF";
if (guestCompilerFits(BUILD))
  test(BUILD, async () => {
    assert.ok((await buildGuest("virtio")).equals(readFileSync(ELF)), "guests/virtio/build.sh makes other bytes");
  });

const QEMU = "given QEMU's rng and console, when the guest drives them, then it gets entropy and echoes what is typed";
if (requires(QEMU, ["qemu-system-riscv64"])) {
  test(QEMU, () =>
    withTemporaryFolder(async (folder) => {
      const serial = join(folder, "serial");
      const qemu = spawn(
        "qemu-system-riscv64",
        [
          ...["-machine", "virt", "-m", "64M", "-bios", "none", "-kernel", ELF, "-display", "none", "-monitor", "none"],
          ...["-serial", `file:${serial}`, "-global", "virtio-mmio.force-legacy=false", "-device", "virtio-rng-device"],
          ...["-device", "virtio-serial-device", "-chardev", "stdio,id=c", "-device", "virtconsole,chardev=c"],
        ],
        { stdio: ["pipe", "pipe", "inherit"] },
      );
      let shown = "";
      qemu.stdout.on("data", (bytes: Buffer) => {
        const before = shown;
        shown += bytes.toString("latin1");
        if (!before.includes("\n") && shown.includes("\n")) qemu.stdin.write("hello");
        if (!before.includes("hello") && shown.includes("hello")) qemu.stdin.write("q");
      });
      const code = await new Promise((resolve) => qemu.on("close", resolve));
      assert.is(code, 0);
      assert.match(shown, /^console \d\nhelloq$/);
      assert.match(readFileSync(serial, "latin1"), /^(rng \d: [0-9a-f]{16}\n){2}done\n$/);
    }),
  );
}

test.run();
