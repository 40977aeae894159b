// Named states in a recording: written while it is made or afterwards, found again, and begun from.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Subject } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Divergence } from "../../../src/machine/divergence.js";
import { hashOfState } from "../../../src/machine/state-hash.js";
import { appendToLogFile } from "../../../src/streams/host/log-file.js";
import { LogError, memorySink, openLog, openWriter } from "../../../src/streams/store/log/index.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { record, type SnapshotCommand } from "../../../src/streams/live/recorder.js";
import { type Recording } from "../../../src/streams/past/recording.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { PositionError } from "../../../src/streams/past/replayer.js";
import { run } from "../../../src/streams/live/run.js";
import { openSavedMachine } from "../../../src/streams/session/saved-machine.js";
import { loadState, saveState, StateError } from "../../../src/streams/store/saved-state/index.js";
import { snapshotOf } from "../../../src/streams/store/snapshot.js";
import { demoOptions } from "../../support/demo-guest.js";
import { FakeHostTime } from "../../support/fake-host-time.js";
import { ticking } from "../../support/tiny-guests.js";

const UNTIL = 400;
const images = { kernel: ticking(1000) };
const options = { memory: "2M", kernel: images.kernel, seed: "test" };

/** Ticks until an icount; commands are given at these events. */
const recorded = (
  commands: Readonly<Record<number, SnapshotCommand>> = {},
  opened = openMachine(options),
): Uint8Array => {
  const snapshots$ = new Subject<SnapshotCommand>();
  const sink = memorySink();
  const { machine, header } = opened;
  run(machine, [], { sleep: false, untilIcount: UNTIL, time: new FakeHostTime(), checkpointInsns: 50 })
    .pipe(record(machine, sink, header, { snapshots$ }))
    .subscribe(({ seq }) => {
      const command = commands[seq];
      if (command !== undefined) snapshots$.next(command);
    });
  return sink.bytes();
};
const open = (bytes: Uint8Array): Recording => openRecording(bytes, { images });
const names = ({ snapshots }: Pick<Recording, "snapshots">): string[] => snapshots.map(({ name }) => name);
const plain = open(recorded());

const inFile = (bytes: Uint8Array, work: (path: string, recording: Recording) => void): void => {
  const folder = mkdtempSync(join(tmpdir(), "foldvm-snapshots-"));
  const path = join(folder, "a.fold");
  try {
    writeFileSync(path, bytes);
    const recording = openRecording(path, { images });
    work(path, recording);
    recording.log.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
};

test("given snapshots taken while recording, then the recording is the same, and has the state of each position", () => {
  const recording = open(recorded({ 3: { save: "early" }, 7: { save: "late one" } }));
  assert.equal(names(recording), ["early", "late one"]);
  assert.equal([...recording.log.events()], [...plain.log.events()]);
  assert.equal(recording.log.end, plain.log.end);
  for (const { name, seq, icount, hash } of recording.snapshots) {
    assert.is(hashOfState(recording.snapshot(name)), hash);
    assert.is(hashOfState(plain.at({ seq, icount })), hash);
  }
  assert.is(hashOfState(recording.at()), plain.log.end?.hash);
});

test("given a name that is used again or forgotten, then the last word counts", () => {
  const recording = open(recorded({ 2: { save: "a" }, 3: { save: "b" }, 5: { save: "a" }, 6: { forget: "b" } }));
  assert.equal(
    recording.snapshots.map(({ name, seq }) => [name, seq]),
    [["a", 5]],
  );
  assert.throws(
    () => recording.snapshot("b"),
    (fault: unknown) => fault instanceof LogError && /it has a$/.test(fault.message),
  );
});

test("given a recording without snapshots, then it has the first format version, which older readers read", () => {
  assert.is(plain.info.formatVersion, 1);
  assert.is(open(recorded({ 3: { save: "a" } })).info.formatVersion, 2);
});

test("given a closed recording in a file, when snapshots are added, then what it held stays byte by byte", () => {
  inFile(recorded(), (path, recording) => {
    const before = readFileSync(path);
    recording.saveSnapshot("middle", { seq: 6 });
    recording.saveSnapshot("end");
    recording.saveSnapshot("middle", 155);
    recording.forgetSnapshot("end");
    assert.equal(Buffer.compare(readFileSync(path).subarray(0, before.length), before), 0);
    const again = openRecording(path, { images });
    assert.equal(names(again), ["middle"]);
    assert.is(again.snapshots[0]?.icount, 155);
    assert.is(hashOfState(again.at()), again.log.end?.hash);
    again.log.close();
  });
});

test("given a process killed while it adds a snapshot, then the recording is whole, the snapshot is not there, and another can be", () => {
  inFile(recorded({ 2: { save: "first" } }), (path, recording) => {
    const before = readFileSync(path).length;
    recording.saveSnapshot("second");
    const bytes = new Uint8Array(readFileSync(path));
    for (let length = before + 1; length < bytes.length; length += 61) {
      const log = openLog(bytes.slice(0, length));
      assert.equal(
        log.snapshots.map(({ name }) => name),
        ["first"],
        String(length),
      );
      assert.is(log.truncated, undefined);
    }
    writeFileSync(path, bytes.subarray(0, bytes.length - 9));
    const torn = openRecording(path, { images });
    torn.saveSnapshot("third");
    assert.equal(names(torn), ["first", "third"]);
    torn.log.close();
  });
});

test("given bytes flipped in a snapshot, then opening or reading it is an error", () => {
  const bytes = recorded({ 2: { save: "a" } });
  for (let at = 0; at < bytes.length; at += 41) {
    const flipped = bytes.slice();
    flipped[at] = (flipped[at] ?? 0) ^ 0x10;
    assert.throws(
      () => openLog(flipped).readSnapshot("a"),
      (fault: unknown) => fault instanceof LogError,
      String(at),
    );
  }
});

test("given a recording that is not closed, or one from bytes, then nothing is added to it", () => {
  const codeOf = (work: () => unknown): unknown => {
    try {
      return work();
    } catch (fault) {
      return (fault as LogError).code;
    }
  };
  assert.is(
    codeOf(() => plain.saveSnapshot("a")),
    "CANNOT_WRITE",
  );
  assert.is(
    codeOf(() => {
      appendToLogFile("x.fold", openLog(recorded().slice(0, 400)), () => undefined);
    }),
    "NOT_CLOSED",
  );
  inFile(recorded(), (_path, recording) => {
    assert.is(
      codeOf(() => recording.saveSnapshot("two\nlines")),
      "INVALID_NAME",
    );
    assert.is(
      codeOf(() => recording.saveSnapshot("")),
      "INVALID_NAME",
    );
  });
});

// Negative control, tried once: without `passSnapshots` in the replayer this passes as a sound recording.
test("given a snapshot of another run in a recording, then the replay diverges there and names it", () => {
  const sink = memorySink();
  const { header, end } = plain.log;
  const writer = openWriter(sink, header);
  const foreign = openMachine({ ...options, append: "another" }).machine;
  for (const event of plain.log.events()) {
    if (event.seq === 4) {
      writer.snapshot({ ...snapshotOf("foreign", foreign.state(), header.images), seq: 3, icount: event.icount });
    }
    writer.append(event);
  }
  if (end !== undefined) writer.close(end);
  assert.throws(
    () => open(sink.bytes()).at({ seq: 9 }),
    (fault: unknown) => fault instanceof Divergence && fault.field === "hash of snapshot foreign",
  );
});

test("given a recording begun from a snapshot, then it holds its start, replays alone, and ends like the run that went on", () => {
  const early = open(recorded({ 3: { save: "early" } }));
  const bytes = recorded({}, openSavedMachine(early.log.readSnapshot("early"), { machine: { kernel: images.kernel } }));
  const recording = open(bytes);
  assert.equal(recording.info.start, early.at({ seq: 3 }).position);
  assert.equal(names(recording), ["start"]);
  assert.is(recording.info.stateHash, plain.info.stateHash);
  assert.is(hashOfState(recording.at()), plain.log.end?.hash);
  assert.is(recording.info.events, plain.info.events - 3);
  assert.equal(recording.at({ seq: 5 }).position, plain.at({ seq: 5 }).position);
  assert.throws(
    () => recording.at({ seq: 2 }),
    (fault: unknown) => fault instanceof PositionError && /begins/.test(fault.message),
  );
  for (let length = 1; length < bytes.length; length += 97) {
    try {
      openLog(bytes.slice(0, length));
    } catch (fault) {
      assert.is((fault as LogError).code, "HEADER_INCOMPLETE", String(length));
    }
  }
});

test("given options of another machine with a saved state, then it is refused with the field and both values", () => {
  const { machine, header } = openMachine(demoOptions);
  const bytes = saveState(machine.state(), header.images);
  for (const [machineOptions, field, values] of [
    [{ memory: "16M" }, "memoryBytes", /8388608, asked for was 16777216/],
    [{ shift: 3 }, "shift", /0, asked for was 3/],
    [{ append: "x" }, "append", /null, asked for was "x"/],
    [{ virtio: ["rng"] as const }, "virtio", /\[\], asked for was \["rng"\]/],
  ] as const) {
    assert.throws(
      () => openSavedMachine(bytes, { machine: machineOptions }),
      (fault: unknown) => fault instanceof StateError && fault.field === field && values.test(fault.message),
      field,
    );
  }
  assert.is(openSavedMachine(bytes, { machine: { memory: "8M", shift: 0 } }).machine.hash(), machine.hash());
  assert.equal(Buffer.compare(saveState(loadState(bytes), header.images), bytes), 0);
});

test("given a snapshot far ahead of what is kept, then seeking behind it starts there", () => {
  const { machine, header } = openMachine({ ...options, kernel: ticking(10) });
  const sink = memorySink();
  const snapshots$ = new Subject<SnapshotCommand>();
  run(machine, [], { sleep: false, untilIcount: 200_000, time: new FakeHostTime() })
    .pipe(record(machine, sink, header, { snapshots$ }))
    .subscribe(({ icount }) => {
      if (icount > 150_000 && icount < 150_010) snapshots$.next({ save: "far" });
    });
  const recording = openRecording(sink.bytes(), { images: { kernel: ticking(10) } });
  let reads = 0;
  const { log } = recording;
  const read = log.readSnapshot.bind(log);
  log.readSnapshot = (name) => {
    reads += 1;
    return read(name);
  };
  recording.at(180_000);
  assert.is(reads, 1);
  assert.is(hashOfState(recording.at()), log.end?.hash);
});

test.run();
