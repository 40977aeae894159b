// The virtual time of each event is the machine's right after it, live, replayed and read off the recording alike.
import { lastValueFrom, toArray } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { StreamEvent } from "../../../src/reducers/stream-event.js";
import { run } from "../../../src/streams/live/run.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import type { Recording } from "../../../src/streams/past/recording.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { counting, recorded } from "../chaos/two-harts.js";

const kernel = counting(2000);
const schedule = [
  { icount: 1000, type: "clock/skewed", byNs: 5000n },
  { icount: 2000, type: "schedule/turnEnded" },
] as const;

const momentsOf = (events: readonly StreamEvent[]): readonly unknown[] =>
  events.map(({ seq, icount, ns, type }) => [seq, icount, ns, type]);

const open = async (): Promise<Recording> =>
  openRecording((await recorded({ kernel, schedule })).bytes, { images: { kernel } });

test("given a clock that was skewed, when the recording's events are read, then it is the skewed one from there on", async () => {
  const recording = await open();
  const [skewed, turned] = [...recording.eventsFrom()];
  assert.equal([skewed?.type, skewed?.ns], ["clock/skewed", 6000n]);
  assert.equal([turned?.type, turned?.ns], ["schedule/turnEnded", 7000n]);
  recording.close();
});

test("given a clock that was skewed, when it runs, is replayed and is read, then each event has the same time", async () => {
  const { machine } = openMachine({ memory: "2M", kernel, smp: 2, seed: "test" });
  const live = await lastValueFrom(run(machine, [], { sleep: false, schedule }).pipe(toArray()));
  const recording = await open();
  const replayed = await lastValueFrom(recording.replay$(recording.openMachine()).pipe(toArray()));
  const read = [...recording.eventsFrom()];
  recording.close();
  assert.equal(momentsOf(live), momentsOf(read));
  assert.equal(momentsOf(replayed), momentsOf(read));
});

test.run();
