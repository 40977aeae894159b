// test-time-limit-seconds: 120
/** The stack of a recording and what is in its frames, anywhere, against gdb that our server tells where it stands. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { stackOf } from "../../../src/streams/past/stack.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { namesOf } from "../../support/built-names.js";
import { DEMO_ELF } from "../../support/demo-guest.js";
import { gdbOn } from "../../support/gdb-client.js";
import { agreeWithGdb, callsOf, tellingBy, toldIn } from "../../support/gdb-frames.js";
import { targetOf } from "../../support/gdb-walk.js";
import { requires } from "../../support/requires.js";
import { freshSeed, seededRandom } from "../../support/seeded-random.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

const POSITIONS = 60;
const MOST_FRAMES = 12;

if (requires("a recording's stack is gdb's", ["gdb-multiarch"])) {
  const seed = freshSeed();

  test(`given a recording anywhere (FOLDVM_SEED=${String(seed)}), then its stack and the variables in it are gdb's`, () =>
    withTemporaryFolder(async (folder) => {
      const recording = openRecording("logs/race-fails.fold");
      const random = seededRandom(seed);
      const positions = Array.from({ length: POSITIONS }, () => random(recording.info.instructions));
      const output = join(folder, "told");
      const [library = ""] = tellingBy("gdb-stops");
      const commands = positions.flatMap((icount) => [
        `monitor replay_seek ${String(icount)}`,
        ...["maintenance flush dcache", "maintenance flush register-cache"],
        `python told_here.write(json.dumps({"frames": frames(${String(MOST_FRAMES)})}) + "\\n")`,
      ]);
      await gdbOn(
        targetOf(recording),
        folder,
        [
          ...[library, `python import json; told_here = open(${JSON.stringify(output)}, "w")`],
          ...commands,
          'python told_here.write(json.dumps({"shapes": list(shapes)}) + "\\n"); told_here.close()',
        ],
        { program: DEMO_ELF },
      );
      const { stacks, shapes } = toldIn(output);
      assert.is(stacks.length, positions.length);
      const names = namesOf(readFileSync(DEMO_ELF));
      let compared = 0;
      for (const [index, { frames }] of stacks.entries()) {
        const state = recording.at(positions[index] ?? 0);
        const stack = stackOf(recording.names, state, 0);
        // gdb takes a trap's vector for a function that was called, and goes on at ra.
        const vector = stack.findIndex(({ function: name }) => name === "trap_vector");
        const called = vector < 0 ? stack : stack.slice(0, vector + 1);
        // The innermost of those that stand in one frame.
        const own = called.filter((_, depth) => depth === 0 || called[depth - 1]?.isInlined === false);
        const calls = callsOf(frames);
        const both = own.slice(0, calls.length).map(({ frame }) => frame);
        agreeWithGdb(names, both, calls.slice(0, both.length).flat(), shapes);
        compared += both.length;
      }
      assert.ok(compared > POSITIONS, `only ${String(compared)} frames were compared`);
      recording.close();
    }));
}

test.run();
