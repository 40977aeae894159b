// Places by the words that all commands have, and by names of one's own; a question by its own word.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_MARKS } from "../../../../src/streams/session/target/marks.js";
import { Monitor } from "../../../../src/streams/session/monitor/monitor.js";
import type { MonitorError } from "../../../../src/streams/session/target/monitor-error.js";
import { ReplayTarget } from "../../../../src/streams/session/target/replay-target.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { at, writes } from "../../../../src/streams/past/query/index.js";
import { DEMO_ELF } from "../../../support/demo-guest.js";

const recording = openRecording("logs/race-fails.fold", { images: { kernel: DEMO_ELF } });
const target = new ReplayTarget(recording, {
  heard: () => undefined,
  failed: (fault) => {
    throw fault;
  },
  quit: () => undefined,
});
const monitor = new Monitor(target);
const position = (): object => target.present().position;

test("given a place in any of its words, when it is gone to, then it stands there", async () => {
  const places = [
    ["1_234_567", recording.at(1_234_567)],
    ["end", recording.at()],
    ["start", recording.at(0)],
    ["seq:7", recording.at({ seq: 7 })],
    ["1ms", at(recording, { ns: 1_000_000 }).state],
    ["/FAIL/", at(recording, { text: /FAIL/ }).state],
    ["event:clint/timerFired", at(recording, { event: "clint/timerFired" }).state],
    ["0x1000 + 4", recording.at(0x1004)],
  ] as const;
  for (const [word, { position: there }] of places) {
    await monitor.execute(`goto ${word}`);
    assert.equal(position(), there, word);
  }
});

test("given a mark, when it is gone to, then it stands where it was set, and one of that name is replaced", async () => {
  await monitor.execute("goto seq:9");
  const first = position();
  assert.match(await monitor.execute("mark here it is"), /^here it is is at instruction \d+, event 9$/);
  await monitor.execute("goto end");
  await monitor.execute("goto here it is");
  assert.equal(position(), first);
  await monitor.execute("goto 5000");
  await monitor.execute("mark here it is");
  await monitor.execute("goto start");
  await monitor.execute("goto here it is");
  assert.equal(position(), recording.at(5000).position);
});

test("given as many marks as there may be, when another is set, then it is refused, and those are there", async () => {
  for (let made = 0; made < MAX_MARKS; made += 1)
    await monitor.execute(`mark m${String(made % MAX_MARKS)}`).catch(() => "");
  const code = await monitor.execute("mark another").catch((fault: unknown) => (fault as MonitorError).code);
  assert.is(code, "NO_ROOM");
  await monitor.execute("goto m0");
});

test("given a question's word, when it is a command, then its rows are those of the question", async () => {
  const last = writes(recording, { of: "link.count" }).last();
  assert.match(await monitor.execute("writes link.count --last"), String(last?.icount.toLocaleString("en")));
  assert.match(await monitor.execute("info tasks"), /^No tasks are known here/);
});

test.run();
