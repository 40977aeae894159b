// What the monitor prints, against QEMU's own at the same place of the same machine: registers at reset, and the
// firmware's memory.
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { Monitor } from "../../../../src/streams/session/monitor/monitor.js";
import { ReplayTarget } from "../../../../src/streams/session/target/replay-target.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { DEMO_ELF } from "../../../support/demo-guest.js";
import { requires } from "../../../support/requires.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";

/**
 * A heading for each of several harts; and registers of the hypervisor extension, which the machine here does not have.
 */
const NOT_OURS = /^CPU#0|^ (V|vs\w+|h\w+|mtval2) +/;

/** QEMU shows signed decimals only where they have 64 bits. */
const MEMORY = ["xw", "xg", "xb", "xh", "dg", "uw", "ug", "ow", "ob", "cb"].flatMap((format) => [
  `xp /21${format} 0x80000000`,
  // The program's text, for what is escaped.
  `x /40${format} 0x80003000`,
]);

/**
 * The answers of QEMU's monitor, which echoes each command with the moves of a line editor. Into a file: what a pipe
 * has no room for when QEMU quits, it drops.
 */
const askQemu = (commands: readonly string[]): Promise<string[]> =>
  withTemporaryFolder((folder) => {
    const machine = ["-M", "virt", "-m", "4M", "-S", "-display", "none", "-serial", "null", "-bios", "none"];
    const path = join(folder, "answers");
    const answers = openSync(path, "w");
    spawnSync("qemu-system-riscv64", [...machine, "-kernel", DEMO_ELF, "-monitor", "stdio"], {
      input: [...commands, "quit", ""].join("\n"),
      stdio: ["pipe", answers, "inherit"],
    });
    closeSync(answers);
    const parts = readFileSync(path, "utf8")
      .replaceAll("\r", "")
      .split(/^\(qemu\) .*\n/m);
    return parts.slice(1, commands.length + 1).map((answer) => answer.trimEnd());
  });

if (requires("the monitor prints what QEMU's does", ["qemu-system-riscv64"])) {
  // Negative control: sixteen bytes a line instead of eight, and octal padded with zeros, as it was, made it red.
  test("given the same machine at reset, when the monitors are asked, then they answer alike", async () => {
    const target = new ReplayTarget(openRecording("logs/race-fails.fold", { images: { kernel: DEMO_ELF } }), {
      heard: () => undefined,
      failed: (fault) => {
        throw fault;
      },
      quit: () => undefined,
    });
    const monitor = new Monitor(target);
    const commands = ["info registers", ...MEMORY];
    const [registers = "", ...memory] = await askQemu(commands);
    const expected = registers.split("\n").filter((line) => !NOT_OURS.test(line));
    const actual = (await monitor.execute("info registers")).split("\n");
    assert.equal(
      actual.filter((line) => line.trim() !== ""),
      expected.filter((line) => line.trim() !== ""),
    );
    assert.is(memory.length, MEMORY.length);
    for (const [index, command] of MEMORY.entries()) {
      assert.is(await monitor.execute(command), memory[index], command);
    }
  });
}

test.run();
