/** A real gdb writes into a recording: a branch goes on with it, functions are called in it, and a file has it. */
import { join } from "node:path";
import { crc32 } from "node:zlib";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { hashOfState } from "../../../../src/machine/state-hash.js";
import { ReplayTarget, type ReplayTargetOptions } from "../../../../src/streams/session/target/replay-target.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { BranchingTarget } from "../../../../src/streams/session/travel/branching-target.js";
import { DEMO_ELF } from "../../../support/demo-guest.js";
import { gdbOn } from "../../../support/gdb-client.js";
import { requires } from "../../../support/requires.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";

const LOG = "logs/race-fails.fold";

if (requires("gdb writes into the past", ["gdb-multiarch"])) {
  test("given a recording, when gdb writes variables and registers and calls a function, then a branch does, and is saved with its parent", () =>
    withTemporaryFolder(async (folder) => {
      const recording = openRecording(LOG);
      const nothing = (): void => undefined;
      const options: ReplayTargetOptions = { heard: nothing, failed: nothing, quit: nothing, recordingName: LOG };
      const target = new BranchingTarget(new ReplayTarget(recording, options), options);
      const said: string[] = [];
      target.said$.subscribe((line) => said.push(line));
      const path = join(folder, "branch.fold");
      const seen = await gdbOn(
        target,
        folder,
        [
          ...["break uart_put if $a0 == 'f'", "continue", "delete", "set var link.count = 42", "print link.count"],
          ...["call crc32(0, &link, 4)", "set $a0 = 'X'", "stepi 100", "set $pc = 1", "set $priv = 0"],
          ...["set {int}0x1000 = 1", `monitor fork ${path}`, "reverse-continue", "print link.count"],
          ...["monitor parent", "maintenance flush register-cache", "maintenance flush dcache", "print link.count"],
        ],
        { program: DEMO_ELF },
      );
      const textOf = (command: string): string => seen.find((one) => one.command === command)?.text.trim() ?? "";
      const icountAt = (command: string): number => seen.find((one) => one.command === command)?.position.icount ?? -1;
      assert.is(textOf("print link.count"), "$1 = 42");
      assert.is(textOf("call crc32(0, &link, 4)"), `$2 = ${String(crc32(Uint8Array.of(42, 0, 0, 0)))}`);
      assert.is(said.length, 1);
      assert.match(said[0] ?? "", /^a branch of logs\/race-fails.fold from instruction 2238, event 0: /);
      assert.match(textOf("set $pc = 1"), /pc is an even address/);
      assert.match(textOf("set $priv = 0"), /priv can't be written/);
      assert.match(textOf("set {int}0x1000 = 1"), /Cannot access memory at address 0x1000/);
      const counts = seen.filter(({ command }) => command === "print link.count").map(({ text }) => text.trim());
      assert.equal(counts, ["$1 = 42", "$3 = 0", "$4 = 0"]);
      assert.is(seen.at(-1)?.position.icount, icountAt("continue"));

      const saved = openRecording(path);
      assert.is(saved.info.instructions, icountAt("stepi 100"));
      assert.is(saved.log.header.parent?.icount, icountAt("continue"));
      assert.equal(saved.log.header.parent?.changes.slice(0, 2), ["by a debugger", "0x80002ed8 = 2a000000"]);
      assert.is(saved.log.end?.hash, hashOfState(saved.at()));
      saved.close();
      target.quit();
      recording.close();
    }));
}

test.run();
