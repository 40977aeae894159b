// When the recorder writes, and how a recording ends, in virtual time.
import { NEVER, of, Subject, throwError } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { GivenPositioned } from "../../../src/reducers/stream-event.js";
import { memorySink, openLog, type LogSink } from "../../../src/streams/store/log/index.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { record } from "../../../src/streams/live/recorder.js";
import { replay } from "../../../src/streams/past/recording.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { run } from "../../../src/streams/live/run.js";
import { FakeHostTime } from "../../support/fake-host-time.js";
import { spinning } from "../../support/tiny-guests.js";

const kernel = spinning();
const open = () => openMachine({ memory: "2M", kernel, seed: "test" });

const eventAt = (seq: number): GivenPositioned => ({
  seq,
  icount: seq,
  event: { type: "uart16550/byteReceived", byte: 65 },
});

/** In a list of writes: here the recording was left. */
const LEFT = -1;

/**
 * How many events each write had; `counts` says how many come at which time, and `untilMs` when the recording is left.
 */
const writesOf = (counts: Readonly<Record<number, number>>, untilMs: number): number[] => {
  const writes: number[] = [];
  new TestScheduler(assert.equal).run(({ cold, flush }) => {
    const source$ = new Subject<GivenPositioned>();
    const { machine, header } = open();
    const stored = memorySink();
    let known = 0;
    const sink: LogSink = {
      write: (bytes) => {
        stored.write(bytes);
        const { eventCount } = openLog(stored.bytes());
        writes.push(eventCount - known);
        known = eventCount;
      },
      close: () => undefined,
    };
    const subscription = source$.pipe(record(machine, sink, header)).subscribe();
    let seq = 0;
    for (const [atMs, count] of Object.entries(counts)) {
      cold(`${atMs}ms a`).subscribe(() => {
        for (let index = 0; index < count; index += 1) source$.next(eventAt((seq += 1)));
      });
    }
    cold(`${String(untilMs)}ms a`).subscribe(() => {
      writes.push(LEFT);
      subscription.unsubscribe();
    });
    flush();
  });
  return writes;
};

test("given no event, then the header is there from the start and nothing more is written", () => {
  assert.equal(writesOf({}, 20_000), [0, LEFT]);
});

test("given a few events, then they are safe after five seconds, in one piece", () => {
  assert.equal(writesOf({ 100: 1, 2100: 1, 4100: 1 }, 5500), [0, 3, LEFT]);
  assert.equal(
    writesOf({ 100: 1, 2100: 1, 4100: 1 }, 4900),
    [0, LEFT, 3],
    "what was not written yet is when the recording is left",
  );
});

test("given many events, then they are safe after one second", () => {
  assert.equal(writesOf({ 100: 600 }, 1500), [0, 600, LEFT]);
  assert.equal(writesOf({ 100: 400 }, 1500), [0, LEFT, 400]);
});

test("given a run that ends, then the recording is whole: position, hash and cause", () => {
  const { machine, header } = open();
  const sink = memorySink();
  run(machine, [], { untilIcount: 5000, checkpointInsns: 1000, time: new FakeHostTime() })
    .pipe(record(machine, sink, header))
    .subscribe();
  const { end } = openLog(sink.bytes());
  assert.equal(end, { seq: 5, icount: 5000, hash: machine.hash(), cause: "stopped" });
  assert.is(replay(openRecording(sink.bytes(), { images: { kernel } })).position.icount, 5000);
});

test("given a stream that fails, then the error goes on, and what came before it is a truncated recording", () => {
  const { machine, header } = open();
  const sink = memorySink();
  const source$ = new Subject<GivenPositioned>();
  let fault: unknown;
  source$.pipe(record(machine, sink, header)).subscribe({ error: (error: unknown) => (fault = error) });
  source$.next(eventAt(1));
  source$.error(new Error("the guest is gone"));
  assert.match(String(fault), "the guest is gone");
  const log = openLog(sink.bytes());
  assert.is(log.eventCount, 1);
  assert.is(log.end, undefined);
  assert.is(log.truncated?.lastSeq, 1);
});

test("given a subscriber that leaves, then what came is a truncated recording", () => {
  const { machine, header } = open();
  const sink = memorySink();
  const source$ = new Subject<GivenPositioned>();
  const subscription = source$.pipe(record(machine, sink, header)).subscribe();
  source$.next(eventAt(1));
  source$.next(eventAt(2));
  subscription.unsubscribe();
  assert.is(openLog(sink.bytes()).truncated?.lastSeq, 2);
});

test("given an event that no log takes, then the stream fails and names it", () => {
  const { machine, header } = open();
  let fault: unknown;
  of(eventAt(1), eventAt(3))
    .pipe(record(machine, memorySink(), header))
    .subscribe({ error: (error: unknown) => (fault = error) });
  assert.is((fault as { code?: string }).code, "OUT_OF_ORDER");
});

/** Takes so many segments, and fails from then on. */
const fullAfter = (segments: number): LogSink => {
  let taken = 0;
  return {
    write: () => {
      taken += 1;
      if (taken > segments) throw new Error("no space left");
    },
    close: () => undefined,
  };
};

test("given a sink that takes nothing, then the stream fails before anything runs", () => {
  const { machine, header } = open();
  let fault: unknown;
  NEVER.pipe(record(machine, fullAfter(0), header)).subscribe({ error: (error: unknown) => (fault = error) });
  assert.match(String(fault), "no space left");
});

test("given a disk that is full when the recorder writes by itself, then the stream fails and the run is left", () => {
  new TestScheduler(assert.equal).run(({ cold, flush }) => {
    const { machine, header } = open();
    const source$ = new Subject<GivenPositioned>();
    let fault: unknown;
    source$.pipe(record(machine, fullAfter(1), header)).subscribe({ error: (error: unknown) => (fault = error) });
    cold("100ms a").subscribe(() => {
      source$.next(eventAt(1));
    });
    cold("8000ms a").subscribe(() => {
      assert.match(String(fault), "no space left");
      assert.not.ok(source$.observed);
    });
    flush();
  });
});

test("given a disk that is full at the end, then the stream fails in the place of completing", () => {
  const { machine, header } = open();
  let fault: unknown;
  let completed = false;
  run(machine, [], { untilIcount: 5000, time: new FakeHostTime() })
    .pipe(record(machine, fullAfter(1), header))
    .subscribe({ error: (error: unknown) => (fault = error), complete: () => (completed = true) });
  assert.match(String(fault), "no space left");
  assert.not.ok(completed);
});

test("given a stream that fails and a full disk, then the stream's own error goes on", () => {
  const { machine, header } = open();
  let fault: unknown;
  throwError(() => new Error("first"))
    .pipe(record(machine, fullAfter(1), header))
    .subscribe({ error: (error: unknown) => (fault = error) });
  assert.match(String(fault), "first");
});

test.run();
