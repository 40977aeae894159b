/** What gdb is told beside its answers: when it listens, and no more than it may. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { GdbSession, MAX_UNSAID } from "../../../../src/streams/session/gdb/session.js";
import { ReplayTarget } from "../../../../src/streams/session/target/replay-target.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";

test("given more lines than gdb may miss, when it listens, then it hears the first ones, and each once", () => {
  const recording = openRecording("logs/session.fold");
  const nothing = (): void => undefined;
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

test.run();
