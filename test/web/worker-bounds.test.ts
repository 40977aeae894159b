// What a guest or a page can make large in the worker has a bound, and an answer at it.
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { MachineState } from "../../src/machine/state.js";
import type { PositionedEvent } from "../../src/reducers/events.js";
import type { Recording } from "../../src/streams/past/recording.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { MAX_CODE_ROWS } from "../../web/worker/code.js";
import { ConsoleJournal, MAX_CONSOLE_ANSWER_BYTES, MAX_CONSOLE_BYTES } from "../../web/worker/console-journal.js";
import { consoleAt } from "../../web/worker/console.js";
import { EventIndex, MAX_PAGE_EVENTS } from "../../web/worker/event-index.js";
import { MAX_REQUESTS_AT_ONCE } from "../../web/worker/handler.js";
import { MAX_MEMORY_WINDOW_BYTES } from "../../web/worker/memory.js";
import { MAX_MEMORY_WINDOWS } from "../../web/worker/moment.js";
import type { Opened } from "../../web/worker/opened.js";
import { MAX_RECENT_STATES, RecentStates } from "../../web/worker/recent-states.js";
import { demoSource, workerHere } from "../support/page-worker.js";

const at = (icount: number): { seq: number; icount: number; ns: number } => ({ seq: 0, icount, ns: icount });

test("given a guest that prints without end, then the first of it is kept, and an answer has the last of that", () => {
  const journal = new ConsoleJournal();
  const piece = new Uint8Array(1 << 20).fill(0x61);
  for (let icount = 0; journal.length < MAX_CONSOLE_BYTES; icount += 1) journal.add(piece, at(icount));
  journal.add(Uint8Array.of(0x62), at(1000));
  assert.is(journal.length, MAX_CONSOLE_BYTES);
  const opened = { survey: { consoles: new Map([["uart16550", journal]]), icount: Infinity } } as unknown as Opened;
  const { bytes, from, length } = consoleAt(opened, at(2000), { recording: 0, until: at(2000) });
  assert.equal([bytes.length, from + bytes.length, length], [MAX_CONSOLE_ANSWER_BYTES, length, MAX_CONSOLE_BYTES]);
});

test("given one event more than a page holds, then the recording is refused", () => {
  const one = { seq: 1, icount: 1, event: { type: "machine/reset" } };
  const log = {
    readStart: () => undefined,
    *events() {
      for (let count = 0; count <= MAX_PAGE_EVENTS; count += 1) yield one;
    },
  };
  const steps = EventIndex.of({ config: { shift: 0 }, log } as unknown as Recording, at(0));
  assert.throws(() => {
    while (steps.next().done !== true);
  }, /more than 8000000 events/);
});

test("given a recording that grew, when it is read on, then nothing that was there before is read again", () => {
  const { log, config } = openRecording("logs/race-fails.fold");
  const known = 30;
  const beginnings: number[] = [];
  const grownTo = (lastSeq: number): Recording => {
    const events = function* ({ fromSeq = 1 } = {}): Generator<PositionedEvent> {
      beginnings.push(fromSeq);
      for (const event of log.events({ fromSeq })) if (event.seq <= lastSeq) yield event;
    };
    return { config, log: { ...log, events } } as unknown as Recording;
  };
  const index = atEnd(EventIndex.of(grownTo(known), at(0)));
  atEnd(index.readOn(grownTo(log.lastSeq)));
  assert.equal(beginnings, [1, known + 1]);
  const whole = atEnd(EventIndex.of(grownTo(log.lastSeq), at(0)));
  for (let seq = 1; seq <= log.lastSeq; seq += 1) assert.equal(index.event(seq), whole.event(seq));
});

function atEnd<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

test("given many moments, then the last ones are kept, and those that were asked for since", () => {
  const recent = new RecentStates();
  const state = (icount: number): MachineState => ({ position: { seq: 0, icount } }) as unknown as MachineState;
  for (let icount = 0; icount < MAX_RECENT_STATES; icount += 1) recent.add(state(icount));
  assert.ok(recent.get({ seq: 0, icount: 0 }) !== undefined);
  recent.add(state(100));
  assert.is(recent.get({ seq: 0, icount: 1 }), undefined);
  assert.ok(recent.get({ seq: 0, icount: 0 }) !== undefined);
});

test("given a moment that asks for more than a screen shows, then so much is answered as there may be", async () => {
  const client = workerHere();
  await client.ask("open", { sources: [demoSource("logs/race-fails.fold")] });
  const memory = Array.from({ length: MAX_MEMORY_WINDOWS + 1 }, () => ({
    of: "$pc",
    bytes: MAX_MEMORY_WINDOW_BYTES + 1,
  }));
  const { code, memory: windows } = await client.ask("moment", {
    ...{ recording: 0, where: { icount: 1_000_000 }, memory },
    ...{ codeBefore: 1e6, codeBehind: 1e6 },
  });
  assert.ok(code.length <= 2 * MAX_CODE_ROWS + 1, String(code.length));
  assert.is(windows.length, MAX_MEMORY_WINDOWS);
  assert.is(windows[0]?.bytes.length, MAX_MEMORY_WINDOW_BYTES);
});

test("given more requests at once than a page has, then those beyond are refused, and the others answered", async () => {
  const client = workerHere();
  await client.ask("open", { sources: [demoSource("logs/race-fails.fold")] });
  const asked = Array.from({ length: MAX_REQUESTS_AT_ONCE + 1 }, () =>
    client.ask("locate", { recording: 0, where: { icount: 5 } }).then(
      ({ icount }) => icount,
      (fault: unknown) => String(fault),
    ),
  );
  const answers = await Promise.all(asked);
  assert.is(answers.filter((answer) => answer === 5).length, MAX_REQUESTS_AT_ONCE);
  assert.match(String(answers.at(-1)), /requests are under way/);
});

test.run();
