// A reader that takes its time holds up what it reads from: a machine stands still, a replay too.
import { EMPTY, lastValueFrom, Observable, range, throwError, toArray } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { record } from "../../../src/streams/live/recorder.js";
import { run } from "../../../src/streams/live/run.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { memorySink, openLog } from "../../../src/streams/store/log/index.js";
import { Control } from "../../../src/streams/time/control.js";
import { MAX_UNREAD, pulled } from "../../../src/streams/time/pulled.js";
import { finishing, ticking } from "../../support/tiny-guests.js";

const SESSION = "logs/session.fold";
const kernel = ticking(10_000);
const open = () => openMachine({ memory: "2M", kernel, seed: "test" });
const nothing = () => EMPTY;
const pause = () => new Promise((resolve) => setTimeout(resolve, 30));

test("given a slow reader, then the machine is never more than the events that may wait ahead of it", async () => {
  const { machine } = open();
  let seen = 0;
  for await (const { seq } of run(machine, [nothing], { sleep: false })) {
    assert.is(seq, (seen += 1));
    if (seen % 50 === 0) await pause();
    assert.ok(machine.position.seq <= seq + MAX_UNREAD, `${String(machine.position.seq)} at ${String(seq)}`);
    if (seen === 300) break;
  }
  assert.is(seen, 300);
  const { position } = machine;
  await pause();
  assert.equal(machine.position, position, "who leaves the loop leaves the machine");
});

test("given a reader that does not read at all, then the machine stops exactly where no more may wait", async () => {
  const { machine } = open();
  const iterator = run(machine, [nothing], { sleep: false })[Symbol.asyncIterator]();
  await iterator.next();
  while (machine.position.seq <= MAX_UNREAD) await pause();
  const { icount } = machine.position;
  await pause();
  assert.equal(machine.position, { seq: MAX_UNREAD + 1, icount });
  await iterator.return?.();
});

test("given the same run read, pushed, and recorded while it is read, then the events are the same", async () => {
  const [read, pushed, recorded] = [open(), open(), open()];
  const how = { sleep: false, untilIcount: 5000 };
  const seen: unknown[] = [];
  for await (const event of run(read.machine, [nothing], how)) seen.push(event);
  assert.ok(seen.length > 2 * MAX_UNREAD);
  assert.equal(await lastValueFrom(run(pushed.machine, [nothing], how).pipe(toArray())), seen);
  const sink = memorySink();
  const { machine, header } = recorded;
  const recording$ = pulled((demand) =>
    run(machine, [nothing], { ...how, demand }).pipe(record(machine, sink, header)),
  );
  let count = 0;
  for await (const { seq } of recording$) assert.is(seq, (count += 1));
  assert.is(openLog(sink.bytes()).eventCount, seen.length);
  assert.equal(
    await lastValueFrom(openRecording(sink.bytes(), { images: { kernel } }).events$.pipe(toArray())),
    seen,
    "what a recording shows is what the run showed, virtual time included",
  );
});

test("given a replay that is read slowly, then it waits for its reader, and shows what the recording does", async () => {
  const recording = openRecording(SESSION);
  const machine = recording.openMachine();
  const shown = await lastValueFrom(recording.events$.pipe(toArray()));
  const read: unknown[] = [];
  for await (const event of recording.replay$(machine)) {
    read.push(event);
    assert.is(
      event.ns,
      recording.at({ seq: event.seq }).clock.biasNs + (BigInt(event.icount) << BigInt(recording.config.shift)),
    );
    assert.ok(machine.position.seq <= event.seq + MAX_UNREAD);
  }
  assert.equal(read, shown);
});

test("given a control that holds, when the reader has read all, then it waits until the run goes on", async () => {
  const { machine } = open();
  const control = new Control({ paused: true });
  const iterator = run(machine, [nothing], { sleep: false, control })[Symbol.asyncIterator]();
  const first = iterator.next();
  assert.is(await Promise.race([first, pause()]), undefined);
  control.resume();
  assert.equal((await first).done, false);
  await iterator.return?.();
  assert.is((await control.pause()).cause, "unsubscribed");
});

test("given a stream that fails, then its error is thrown once, after all that came before it", async () => {
  const failing = pulled(
    () =>
      new Observable<number>((subscriber) => {
        subscriber.next(1);
        subscriber.error(new Error("failed"));
      }),
  )[Symbol.asyncIterator]();
  assert.equal(await failing.next(), { done: false, value: 1 });
  const fault: unknown = await failing.next().catch((error: unknown) => error);
  assert.is((fault as Error).message, "failed");
  assert.equal(await failing.next(), { done: true, value: undefined });
  const atOnce = pulled(() => throwError(() => new Error("at once")))[Symbol.asyncIterator]();
  const second: unknown = await atOnce.next().catch((error: unknown) => error);
  assert.is((second as Error).message, "at once");
});

test("given several reads at once, then they are answered in order, and all of them at the end", async () => {
  const iterator = pulled(() => range(1, 2))[Symbol.asyncIterator]();
  const results = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
  assert.equal(
    results.map(({ value }): unknown => value),
    [1, 2, undefined, undefined],
  );
  assert.equal(await iterator.return?.(), { done: true, value: undefined });
});

test("given a guest that ends, then the loop does", async () => {
  const { machine } = openMachine({ memory: "2M", kernel: finishing(0x5555n), seed: "test" });
  const types: string[] = [];
  for await (const event of run(machine, [])) {
    if (event.type === "machine/shutdown") types.push(event.cause);
  }
  assert.equal(types, ["guest-shutdown"]);
});

test.run();
