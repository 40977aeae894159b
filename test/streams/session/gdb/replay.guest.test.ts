/** A real gdb on a recording, forward and back: it stands where brute force says, with the registers of a replay. */
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { writes } from "../../../../src/streams/past/query/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { foldvm } from "../../../cli/command-line.js";
import { DEMO_ELF } from "../../../support/demo-guest.js";
import { targetOf, walk } from "../../../support/gdb-walk.js";
import { gdbOn } from "../../../support/gdb-client.js";
import { HARTS_ELF, HARTS_MEMORY } from "../../../support/harts-guest.js";
import { requires } from "../../../support/requires.js";
import { freshSeed, seededRandom } from "../../../support/seeded-random.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";

const COMMANDS = Number(process.env["FOLDVM_QUERIES"] ?? 60);
const A_COMMAND_MS = 2000;
const timeoutMs = COMMANDS * A_COMMAND_MS;

if (requires("gdb goes forward and back", ["gdb-multiarch"])) {
  const seed = freshSeed();

  test(`given random commands of gdb (FOLDVM_SEED=${String(seed)}), when each stands, then it is where brute force says`, () =>
    withTemporaryFolder(async (folder) => {
      const recording = openRecording("logs/race-fails.fold");
      const watched = { gdb: "link.count", of: "link.count" };
      await walk({
        recording,
        folder,
        watched,
        random: seededRandom(seed),
        commands: COMMANDS,
        timeoutMs,
        program: DEMO_ELF,
      });
      recording.close();
    }));

  test("given a program's file, when gdb compares its code with what is in memory, then it says what matches", () =>
    withTemporaryFolder(async (folder) => {
      const recording = openRecording("logs/race-fails.fold");
      const seen = await gdbOn(targetOf(recording), folder, ["compare-sections .text"], { program: DEMO_ELF });
      assert.match(seen[1]?.text ?? "", /Section \.text, .*: matched\./);
      recording.close();
    }));

  test("given a store that changes nothing, when gdb goes on and back, then awatch stops at it, and watch does not", () =>
    withTemporaryFolder(async (folder) => {
      const recording = openRecording("logs/race-fails.fold");
      const stores = writes(recording, { of: "link.count" }).toArray();
      const [first, changing] = [stores[0], stores.find(({ before, value }) => before !== value)];
      assert.is(first?.before, first?.value);
      const seen = await gdbOn(
        targetOf(recording),
        folder,
        ["awatch link.count", "continue", "stepi 10", "reverse-continue", "delete", "watch link.count", "continue"],
        { program: DEMO_ELF },
      );
      const [, , there, , back, , , changed] = seen;
      assert.is(there?.position.icount, (first?.icount ?? 0) + 1);
      assert.is(back?.position.icount, first?.icount);
      assert.is(changed?.position.icount, (changing?.icount ?? 0) + 1);
      recording.close();
    }));

  for (const smp of [2, 4]) {
    test(`given ${String(smp)} harts and random commands of gdb (FOLDVM_SEED=${String(seed)}), when each stands, then the hart is as in a replay`, () =>
      withTemporaryFolder(async (folder) => {
        const path = join(folder, "harts.fold");
        const line = ["--bios", "none", "--kernel", HARTS_ELF, "--memory", HARTS_MEMORY, "--append", "messages"];
        await foldvm(["record", "-o", path, ...line, "--smp", String(smp), "--seed", "harts", "--quiet"]);
        const recording = openRecording(path);
        const watched = { gdb: "letters[1]", of: "letters[1]" };
        const options = { random: seededRandom(seed), commands: COMMANDS, timeoutMs, program: HARTS_ELF };
        await walk({ recording, folder, watched, ...options });
        recording.close();
      }));
  }
}

test.run();
