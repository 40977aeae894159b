// U-Boot on a network without a disk: it is told at once that there is nothing to boot, or boots from the folder that
// is served.
// test-time-limit-seconds: 300
import { randomBytes } from "node:crypto";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

import { test } from "uvu";
import * as assert from "uvu/assert";

import type { NetworkOptions } from "../../src/streams/session/network-options.js";
import { recordInNewProcess, replayOffline } from "../support/replay-process.js";
import { requires } from "../support/requires.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import type { TypedRecording } from "../support/typed-recording.js";
import { consoleTextOf } from "./console-text.js";

const FILE_BYTES = 100_000;

/**
 * The first key after a transfer is U-Boot's own: it looks for a Ctrl-C. The prompt begins a line; crc32 prints "==> "
 * within one.
 */
const typed = (commands: readonly string[]): TypedRecording["steps"] =>
  commands.map((command) => ({ awaits: "\n=> ", types: `  ${command}\n` }));

/** Else it boots by itself, and comes to its prompt when there is nothing to boot. */
const STOPPED = { awaits: "autoboot", types: " " };

const recording = (network: NetworkOptions, steps: TypedRecording["steps"]): TypedRecording => ({
  seed: 1,
  machine: {
    memory: "128M",
    bios: "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf",
    kernel: "/usr/lib/u-boot/qemu-riscv64_smode/uboot.elf",
    nics: [{ network }],
  },
  steps: [...steps, ...typed(["poweroff"])],
  sequence: { checkpointInsns: 1 << 24 },
  timeLimitMs: 200_000,
});

if (requires("U-Boot on a network", ["opensbi", "u-boot"])) {
  test("given no folder that is served, when U-Boot finds no disk, then it is told so at once and comes to its prompt", () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, "a.fold");
      const recorded = await recordInNewProcess(recording({ type: "user" }, typed(["echo here"])), path);
      const text = await consoleTextOf(path);
      assert.match(text, "TFTP error: 'Access violation: no folder is served' (2)\r\nNot retrying...");
      assert.match(text, "\nhere\r\n");
      assert.equal(await replayOffline(path), recorded);
    }));

  test("given a folder and a file to boot from, when U-Boot fetches it, then it has every byte, and no file of elsewhere", () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, "a.fold");
      const file = randomBytes(FILE_BYTES);
      writeFileSync(join(folder, "image"), file);
      symlinkSync("/etc/passwd", join(folder, "passwd"));
      const network = { type: "user", tftp: folder, bootFile: "image" } as const;
      const commands = ["dhcp 84000000", "crc32 84000000 ${filesize}", "tftpboot 84000000 passwd"];
      const recorded = await recordInNewProcess(recording(network, [STOPPED, ...typed(commands)]), path);
      const text = await consoleTextOf(path);
      assert.match(text, "Filename 'image'.");
      assert.match(text, `Bytes transferred = ${String(FILE_BYTES)}`);
      assert.match(text, `==> ${crc32(file).toString(16).padStart(8, "0")}`);
      assert.match(text, "TFTP error: 'Access violation' (2)");
      assert.equal(await replayOffline(path), recorded);
    }));
}

test.run();
