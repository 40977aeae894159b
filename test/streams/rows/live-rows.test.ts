/** The rows of a machine that runs are those of its recording, and reading them changes nothing. */
import { lastValueFrom } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Probing } from "../../../src/machine/probing.js";
import { consoleBackend } from "../../../src/streams/live/backends/console.js";
import { entropy } from "../../../src/streams/live/backends/entropy.js";
import { hostClock } from "../../../src/streams/live/backends/host-clock.js";
import { record } from "../../../src/streams/live/recorder.js";
import { wired } from "../../../src/streams/live/run.js";
import { script } from "../../../src/streams/live/script.js";
import { calls, devices, output, printed, traps } from "../../../src/streams/past/query/index.js";
import type { Recording } from "../../../src/streams/past/recording.js";
import { toNodeStream } from "../../../src/streams/session/node-stream.js";
import {
  isEventRow,
  LiveRows,
  rows,
  toWebStream,
  type QuestionsByKind,
  type StreamRow,
} from "../../../src/streams/rows/index.js";
import { hostEngine } from "../../../src/streams/host/host-engine.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { presentOf } from "../../../src/streams/session/present-recording.js";
import { memorySink } from "../../../src/streams/store/log/index.js";
import { hostTime, type HostTime } from "../../../src/streams/time/host-time.js";
import { demoOptions, LETTERS } from "../../support/demo-guest.js";
import { recordVirtioGuest } from "../../support/virtio-guest-session.js";

const STEPS = [{ wait: "send the letters a to x" }, { type: LETTERS }] as const;

/** In the test's hands, so that two runs are the same. */
const STILL: HostTime = { ...hostTime, wallNs: () => 1n, monotonicMs: () => 0 };

type Read = (live: LiveRows, present: Recording) => void;

/** Runs the demo's race to its end; `read` gets its rows while it runs. Answers what was recorded. */
async function raced(read?: Read, probing?: Probing): Promise<Uint8Array> {
  const opened = openMachine({ ...demoOptions, append: "race" }, hostEngine, probing);
  const { machine, header, contents } = opened;
  const live = new LiveRows(machine, probing);
  read?.(live, presentOf(opened));
  const sink = memorySink();
  const silent = consoleBackend({ write: () => undefined });
  const backends = [silent, hostClock(STILL), entropy((length) => new Uint8Array(length)), script(STEPS).backend];
  const { demand } = live;
  await lastValueFrom(
    wired(machine, backends, { sleep: false, demand, time: STILL }).pipe(
      live.hear(),
      record(machine, sink, header, { contents }),
    ),
  );
  return sink.bytes();
}

const QUESTIONS = (recording: Recording): QuestionsByKind => ({
  output: output(recording),
  traps: traps(recording),
  calls: calls(recording, { of: "main" }),
  devices: devices(recording, { of: "uart16550" }),
});

async function allOf(source: AsyncIterable<StreamRow>): Promise<readonly StreamRow[]> {
  const all: StreamRow[] = [];
  for await (const row of source) all.push(row);
  return all;
}

const byKind = (all: readonly StreamRow[], kind: string): readonly StreamRow[] =>
  all.filter((row) => row.kind === kind);

const isInOrder = (all: readonly StreamRow[]): boolean =>
  all.every(({ seq, icount }, index) => {
    const before = all[index - 1];
    return before === undefined || before.seq < seq || (before.seq === seq && before.icount <= icount);
  });

test("given a run, when its rows are read live, then they are those of its recording, in order", async () => {
  let read: Promise<readonly StreamRow[]> | undefined;
  const bytes = await raced((live, present) => {
    const all = live.rows({ questions: QUESTIONS(present), highWaterMark: 1e6 });
    read = allOf(all);
  }, new Probing());
  const recording = openRecording(bytes);
  const [live, past] = [(await read) ?? [], await allOf(rows(recording, { questions: QUESTIONS(recording) }))];
  assert.ok(isInOrder(live));
  assert.ok(live.length > 100);
  for (const kind of ["input", "predicted", "output", "traps", "calls", "devices"]) {
    assert.ok(byKind(live, kind).length > 0, kind);
    assert.equal(byKind(live, kind), byKind(past, kind), kind);
  }
});

test("given a run that is read, then its recording is to the byte that of one that nobody reads", async () => {
  const alone = await raced();
  const read: Promise<unknown>[] = [];
  const watched = await raced((live, present) => {
    read.push(allOf(live.rows({ questions: QUESTIONS(present), highWaterMark: 2 })));
  }, new Probing());
  await Promise.all(read);
  assert.ok(Buffer.compare(alone, watched) === 0);
});

test("given a reader who comes in the middle of a line, then it has the line as the recording has", async () => {
  const read: StreamRow[] = [];
  const bytes = await raced((live, present) => {
    let text = "";
    const all = live.rows({ events: false, questions: { printed: printed(present) } }).subscribe((row) => {
      text += "text" in row ? String(row.text) : "";
      if (!text.endsWith("send the")) return;
      all.unsubscribe();
      live.rows({ events: false, questions: { output: output(present) } }).subscribe((line) => read.push(line));
    });
  });
  const recording = openRecording(bytes);
  const past = await allOf(rows(recording, { events: false, questions: { output: output(recording) } }));
  const [first] = read;
  assert.is(first !== undefined && "text" in first && first.text, "race: send the letters a to x");
  assert.equal(read, past.slice(-read.length));
});

test("given a reader who is behind, then it is told how many rows it lost, and where the last of them was", async () => {
  let read: Promise<readonly StreamRow[]> | undefined;
  let all: Promise<readonly StreamRow[]> | undefined;
  await raced((live, present) => {
    const questions = { output: output(present) };
    read = allOf(live.rows({ questions, highWaterMark: 3 }));
    all = allOf(live.rows({ questions, highWaterMark: 1e6 }));
  });
  const whole = (await all) ?? [];
  const told = (await read) ?? [];
  const gaps = told.filter((row) => row.kind === "gap");
  assert.ok(gaps.length > 0);
  let at = 0;
  for (const row of told) {
    if ("lost" in row) {
      at += row.lost;
      const { seq, icount, ns, hart } = row;
      const last = whole[at - 1];
      assert.equal({ seq, icount, ns, hart }, last && { seq: last.seq, icount: last.icount, ns: last.ns, hart: 0 });
    } else {
      assert.equal(row, whole[at]);
      at += 1;
    }
  }
  assert.is(at, whole.length);
});

test("given a reader for whom it pauses, then the machine waits, and nothing is lost", async () => {
  const read: StreamRow[] = [];
  let isRead: Promise<void> | undefined;
  let furthest = 0;
  const bytes = await raced((live, present) => {
    const asked = live.rows({ questions: QUESTIONS(present), whenFull: "pause", highWaterMark: 8 });
    // Pushed: what really happened, however far who pulls is.
    let happened = 0;
    live.rows({ questions: QUESTIONS(present) }).subscribe(() => (happened += 1));
    isRead = (async () => {
      for await (const row of asked) {
        read.push(row);
        furthest = Math.max(furthest, happened - read.length);
        await new Promise(setImmediate);
      }
    })();
  }, new Probing());
  await isRead;
  const recording = openRecording(bytes);
  const past = await allOf(rows(recording, { questions: QUESTIONS(recording) }));
  assert.is(read.length, past.length);
  for (const kind of ["input", "traps", "devices"]) assert.equal(byKind(read, kind), byKind(past, kind), kind);
  assert.ok(furthest < 16, String(furthest));
});

for (const [name, read] of [
  ["Web", (all: AsyncIterable<StreamRow>) => toWebStream(all, { highWaterMark: 4 })],
  ["Node", (all: AsyncIterable<StreamRow>) => toNodeStream(all, { highWaterMark: 4 })],
] as const) {
  test(`given a ${name} stream of rows, when it is read slowly, then the machine waits, and it has every row`, async () => {
    let isRead: Promise<void> | undefined;
    let [happened, taken, furthest] = [0, 0, 0];
    await raced((live) => {
      live.rows().subscribe(() => (happened += 1));
      isRead = (async () => {
        for await (const _ of read(live.rows({ whenFull: "pause", highWaterMark: 1 }))) {
          taken += 1;
          furthest = Math.max(furthest, happened - taken);
          await new Promise(setImmediate);
        }
      })();
    });
    await isRead;
    assert.ok(happened > 20);
    assert.is(taken, happened);
    assert.ok(furthest <= 8, String(furthest));
  });

  test(`given a ${name} stream of a recording's rows, when its reader leaves, then nothing is read any more`, async () => {
    const recording = openRecording("logs/race-fails.fold");
    let isLeft = false;
    async function* told(): AsyncGenerator<StreamRow> {
      try {
        yield* rows(recording);
      } finally {
        isLeft = true;
      }
    }
    const seqs: number[] = [];
    for await (const row of read(told())) if (seqs.push((row as StreamRow).seq) === 5) break;
    assert.equal(seqs, [1, 2, 3, 4, 5]);
    await new Promise(setImmediate);
    assert.ok(isLeft);
  });
}

test("given what an event itself causes, when it is read live, then it comes right behind that event", () => {
  const live: StreamRow[] = [];
  const { open } = recordVirtioGuest(undefined, (opened) => {
    const read = new LiveRows(opened.machine);
    read.rows({ questions: { printed: printed(presentOf(opened)) } }).subscribe((row) => live.push(row));
    return read;
  });
  const recording = open();
  const consoles = live.flatMap((row, index) => ("port" in row && row.port !== "uart16550" ? [index] : []));
  assert.ok(consoles.length > 0);
  for (const index of consoles) {
    const before = live[index - 1];
    assert.is(before?.kind, "predicted");
    assert.is(before?.seq, live[index]?.seq);
  }
  assert.ok(isInOrder(live));
  assert.equal(
    live.filter(isEventRow).map(({ seq }) => seq),
    [...recording.eventsFrom()].map(({ seq }) => seq),
  );
  assert.equal(
    byKind(live, "printed"),
    printed(recording)
      .toArray()
      .map((row) => ({ kind: "printed", ...row })),
  );
});

test("given a machine without probes, when it is asked for more than its output, then an error says what is missing", () => {
  const opened = openMachine(demoOptions);
  const live = new LiveRows(opened.machine);
  let fault: unknown;
  live
    .rows({ questions: { traps: traps(presentOf(opened)) } })
    .subscribe({ error: (error: unknown) => (fault = error) });
  assert.match(String(fault), /traps: the engine of this machine tells nobody/);
});

test("given a question that needs the past, when a machine that runs is asked, then an error says what to do", () => {
  const probing = new Probing();
  const opened = openMachine(demoOptions, hostEngine, probing);
  const asked = calls(presentOf(opened), { of: "main", results: true });
  let fault: unknown;
  new LiveRows(opened.machine, probing)
    .rows({ questions: { asked } })
    .subscribe({ error: (error: unknown) => (fault = error) });
  assert.match(String(fault), /asked: this can't be asked of a machine while it runs; record it/);
});

test.run();
