/** What gdb is told beside its answers: when it listens, and no more than it may. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { registerWrite } from "../../../../src/streams/session/debugger-writes.js";
import { GdbSession, MAX_UNSAID } from "../../../../src/streams/session/gdb/session.js";
import { goOn } from "../../../../src/streams/session/stepping/forward.js";
import { ReplayTarget } from "../../../../src/streams/session/target/replay-target.js";
import { BranchingTarget } from "../../../../src/streams/session/travel/branching-target.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { withBriefTurns } from "../../../support/brief-turns.js";

const nothing = (): void => undefined;

test("given more lines than gdb may miss, when it listens, then it hears the first ones, and each once", () => {
  const recording = openRecording("logs/session.fold");
  const target = new ReplayTarget(recording, { heard: nothing, failed: nothing, quit: nothing });
  const heard: string[] = [];
  const session = new GdbSession(target, { say: (text) => heard.push(text), left: nothing });
  for (let line = 0; line <= MAX_UNSAID; line += 1) session.say(String(line));
  assert.equal(heard, []);
  session.speak();
  session.speak();
  assert.is(heard.length, MAX_UNSAID);
  assert.is(heard.at(-1), String(MAX_UNSAID - 1));
  session.end();
  target.quit();
  recording.close();
});

// Negative control: red where only what replays is stopped.
test("given a branch that goes on, when its gdb vanishes, then it stands", async () => {
  const recording = openRecording("logs/race-fails.fold");
  const options = { heard: nothing, failed: nothing, quit: nothing };
  const target = new BranchingTarget(new ReplayTarget(recording, options), options);
  target.write(registerWrite(0, "a0", 5n));
  assert.is(target.mode, "branch");
  const session = new GdbSession(target, { say: nothing, left: nothing });
  await withBriefTurns(async () => {
    const stopped = goOn(target);
    session.end();
    assert.is((await stopped).cause, "paused");
  });
  target.quit();
  recording.close();
});

test.run();
