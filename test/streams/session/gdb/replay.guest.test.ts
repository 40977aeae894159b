/** A real gdb on a recording, forward and back: it stands where brute force says, with the registers of a replay. */
import { test } from "uvu";

import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { DEMO_ELF } from "../../../support/demo-guest.js";
import { walk } from "../../../support/gdb-walk.js";
import { requires } from "../../../support/requires.js";
import { freshSeed, seededRandom } from "../../../support/seeded-random.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";

const COMMANDS = Number(process.env["FOLDVM_QUERIES"] ?? 60);

if (requires("gdb goes forward and back", ["gdb-multiarch"])) {
  const seed = freshSeed();

  test(`given random commands of gdb (FOLDVM_SEED=${String(seed)}), when each stands, then it is where brute force says`, () =>
    withTemporaryFolder(async (folder) => {
      const recording = openRecording("logs/race-fails.fold");
      const watched = { gdb: "link.count", of: "link.count" };
      await walk({ recording, folder, watched, random: seededRandom(seed), commands: COMMANDS, program: DEMO_ELF });
      recording.close();
    }));
}

test.run();
