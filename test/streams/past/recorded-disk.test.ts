// A disk's requests recorded and replayed: the order in which the host answers is the log's, the data are the image's
// and the state's.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { lastValueFrom, Observable, toArray } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { DiskReadError } from "../../../src/machine/disk/disk-image.js";
import { Machine } from "../../../src/machine/machine.js";
import { hashOfState } from "../../../src/machine/state-hash.js";
import type { MachineState } from "../../../src/machine/state.js";
import type { DiskRequested } from "../../../src/reducers/effect.js";
import type { PositionedEvent } from "../../../src/reducers/events.js";
import type { Backend } from "../../../src/streams/live/backend.js";
import { disks } from "../../../src/streams/live/backends/disks.js";
import { exportDisk } from "../../../src/streams/host/disks/export.js";
import { memoryDisk, type HostDisk } from "../../../src/streams/store/host-disk.js";
import { writeBack } from "../../../src/streams/session/write-back.js";
import { memorySink, openWriter, type LogHeader } from "../../../src/streams/store/log/index.js";
import { openMachine, type OpenedMachine } from "../../../src/streams/session/machine-options.js";
import { record } from "../../../src/streams/live/recorder.js";
import { replay } from "../../../src/streams/past/recording.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { replay as replayLog } from "../../../src/streams/past/replayer.js";
import { wired } from "../../../src/streams/live/run.js";
import { loadState, saveState } from "../../../src/streams/store/saved-state/index.js";
import {
  dataAt,
  diskGuest,
  READ,
  statusAt,
  usedEntry,
  WRITE_OUT,
  type GuestRequest,
} from "../../support/disk-guest.js";
import { numberedSectors } from "../../support/memory-disk.js";
import { seededRandom } from "../../support/seeded-random.js";

/** The first drive is in slot 1, where the guest looks for it. */
const SLOTS = ["none", "none", "rng", "rng", "rng", "rng", "rng", "rng"] as const;
const BASE = numberedSectors(512);
const RAM = 0x8000_0000;
const READS: readonly GuestRequest[] = [3, 70, 7, 3, 400, 511].map((sector) => ({ type: READ, sector }));
const MIXED: readonly (readonly GuestRequest[])[] = [
  READS,
  [
    { type: WRITE_OUT, sector: 70 },
    { type: READ, sector: 70 },
    { type: WRITE_OUT, sector: 71 },
    { type: WRITE_OUT, sector: 70 },
  ],
  [
    { type: READ, sector: 70 },
    { type: READ, sector: 71 },
  ],
];

const open = (batches: readonly (readonly GuestRequest[])[], file: string | Uint8Array = BASE): OpenedMachine =>
  openMachine({
    memory: "4M",
    kernel: diskGuest(batches),
    seed: "test",
    virtio: SLOTS,
    drives: [{ file }, { file: BASE }],
  });

/** Answers each batch in the order that `pick` makes of it, some turns of the event loop later. */
const host =
  (batches: readonly (readonly GuestRequest[])[], pick: (requests: DiskRequested[]) => DiskRequested[]): Backend =>
  (effects$) =>
    new Observable((subscriber) => {
      let waiting: DiskRequested[] = [];
      let batch = 0;
      return effects$.subscribe((effect) => {
        if (effect.type !== "disk/requested") return;
        waiting.push(effect);
        if (waiting.length < (batches[batch]?.length ?? 0)) return;
        batch += 1;
        const answered = pick(waiting);
        waiting = [];
        setImmediate(() => {
          for (const { slot, id } of answered)
            subscriber.next({ type: "virtioBlk/requestCompleted", slot, id, status: 0 });
        });
      });
    });

interface Recorded {
  readonly bytes: Uint8Array;
  readonly header: LogHeader;
  readonly events: readonly PositionedEvent[];
  readonly state: MachineState;
}

const recorded = async (opened: OpenedMachine, backend: Backend): Promise<Recorded> => {
  const { machine, header } = opened;
  const sink = memorySink();
  const events = await lastValueFrom(wired(machine, [backend]).pipe(record(machine, sink, header), toArray()));
  return { bytes: sink.bytes(), header, events, state: machine.state() };
};

const again = (bytes: Uint8Array): MachineState =>
  replay(openRecording(bytes, { images: { kernel: KERNEL }, drives: [BASE] }));
let KERNEL = diskGuest(MIXED);
const wordAt = ({ ram }: MachineState, address: number): number =>
  new DataView(ram.read(address - RAM, 4).buffer).getUint32(0, true);
const order = (state: MachineState, count: number): number[] =>
  Array.from({ length: count }, (_, place) => wordAt(state, usedEntry(place)) / 3);

// Negative control: finishing the answered requests by their ids, instead of in the order of the answers, made it red.
// Negative control: with answers given to the oldest request, whatever the id, the guest waited for ever.
test("given a host that answers in any order, when its runs are recorded, then each replays to its own order and hash", async () => {
  KERNEL = diskGuest(MIXED);
  const random = seededRandom(11);
  const orders = new Set<string>();
  for (let round = 0; round < 8; round += 1) {
    const shuffled = (requests: DiskRequested[]): DiskRequested[] => {
      for (let at = requests.length - 1; at > 0; at -= 1) {
        const other = random(at + 1);
        [requests[at], requests[other]] = [requests[other]!, requests[at]!];
      }
      return requests;
    };
    const { bytes, events, state } = await recorded(open(MIXED), host(MIXED, shuffled));
    const answers = events.flatMap(({ event }) => (event.type === "virtioBlk/requestCompleted" ? [event.id] : []));
    assert.equal(order(state, 12), answers, "the used ring has the order of the events");
    const replayed = again(bytes);
    assert.is(hashOfState(replayed), hashOfState(state));
    assert.equal(order(replayed, 12), answers);
    orders.add(answers.join());
    // What was read, whatever the order: the sectors of the image.
    READS.forEach(({ sector }, index) => {
      assert.equal(state.ram.read(dataAt(index) - RAM, 512), BASE.subarray(sector * 512, sector * 512 + 512));
      assert.is(state.ram.read(statusAt(index) - RAM, 1)[0], 0);
    });
    // The writes to one sector took effect in the order of their answers: requests 6 and 9 write 7 and 10.
    const last = answers.indexOf(6) > answers.indexOf(9) ? 7 : 10;
    assert.is(wordAt(state, dataAt(10)), last);
    assert.is(wordAt(state, dataAt(11)), 9);
  }
  assert.ok(orders.size > 5, "the orders differ");
});

// Negative control: with `accepts` taking the event for any id, the second half of it was red.
test("given A answered before B while recording, when the log has B before A, then the replay is named as another run", async () => {
  const batches = [READS.slice(0, 2)];
  KERNEL = diskGuest(batches);
  const { header, events, state, bytes } = await recorded(
    open(batches),
    host(batches, (requests) => requests),
  );
  assert.equal(order(again(bytes), 2), [0, 1]);
  const swapped = memorySink();
  const writer = openWriter(swapped, header);
  for (const positioned of events) {
    const { event } = positioned;
    writer.append(
      event.type === "virtioBlk/requestCompleted"
        ? { ...positioned, event: { ...event, id: 1 - event.id } }
        : positioned,
    );
  }
  writer.close({ ...state.position, hash: hashOfState(state), cause: "guest-shutdown" });
  assert.throws(() => again(swapped.bytes()), /diverge|hash/i);
});

// Negative control: with `accepts` taking the event whatever its id, it was red.
test("given an answer for a request that was never made, when it is replayed, then that is named at once", async () => {
  const batches = [READS.slice(0, 2)];
  KERNEL = diskGuest(batches);
  const { header, events, state } = await recorded(
    open(batches),
    host(batches, (requests) => requests),
  );
  const sink = memorySink();
  const writer = openWriter(sink, header);
  for (const positioned of events) {
    const { event } = positioned;
    writer.append(
      event.type === "virtioBlk/requestCompleted" ? { ...positioned, event: { ...event, id: 9 } } : positioned,
    );
  }
  writer.close({ ...state.position, hash: hashOfState(state), cause: "guest-shutdown" });
  assert.throws(() => again(sink.bytes()), /can't take it/);
});

test("given a host whose reads fail, when a guest reads, then it sees an I/O error, and so does the replay without any fault", async () => {
  KERNEL = diskGuest(MIXED);
  const failing: HostDisk = {
    ...memoryDisk(BASE),
    prepare: (offset) =>
      offset === 70 * 512
        ? Promise.reject(new DiskReadError("can't read: EIO"))
        : new Promise((resolve) => setImmediate(resolve)),
  };
  const faults: string[] = [];
  const opened = open(MIXED);
  const backend = disks(new Map([...opened.disks].map(([slot]) => [slot, failing])), {
    onFault: ({ message }) => faults.push(message),
  });
  const { bytes, state } = await recorded(opened, backend);
  assert.equal(faults, ["can't read: EIO", "can't read: EIO", "can't read: EIO"]);
  const statuses = (of: MachineState): number[] =>
    Array.from({ length: 12 }, (_, index) => of.ram.read(statusAt(index) - RAM, 1)[0] ?? -1);
  assert.equal(statuses(state), [0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0]);
  const replayed = again(bytes);
  assert.equal(statuses(replayed), statuses(state));
  assert.is(hashOfState(replayed), hashOfState(state));
});

test("given a base that can't be read on replay, when it is replayed, then that is the error, and no divergence", async () => {
  KERNEL = diskGuest(MIXED);
  const { bytes } = await recorded(
    open(MIXED),
    host(MIXED, (requests) => requests),
  );
  const recording = openRecording(bytes, { images: { kernel: KERNEL }, drives: [BASE] });
  const failing = {
    byteLength: BASE.length,
    read: () => {
      throw new DiskReadError("can't read base.raw at byte 0: EIO");
    },
  };
  const machine = new Machine(recording.openMachine().state(), {
    disks: new Map([0, 1].map((slot) => [slot, failing])),
  });
  assert.throws(() => {
    replayLog(machine, recording.log);
  }, /can't read base.raw at byte 0/);
});

test("given another file than the base that was recorded, when it is replayed, then the file is named", async () => {
  KERNEL = diskGuest(MIXED);
  const folder = mkdtempSync(join(tmpdir(), "foldvm-disk-"));
  try {
    const file = join(folder, "base.raw");
    writeFileSync(file, BASE);
    const opened = open(MIXED, file);
    const { bytes } = await recorded(opened, disks(opened.disks));
    writeFileSync(
      file,
      BASE.map((byte) => byte ^ 1),
    );
    assert.throws(() => replay(openRecording(bytes, { images: { kernel: KERNEL }, drives: [file] })), /drive0/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("given requests in flight at every event, when the state is saved, loaded and run on, then the end is the same", async () => {
  KERNEL = diskGuest(MIXED);
  const { bytes, events, state } = await recorded(
    open(MIXED),
    host(MIXED, (requests) => requests.reverse()),
  );
  const recording = openRecording(bytes, { images: { kernel: KERNEL }, drives: [BASE] });
  const { log } = recording;
  let inFlight = 0;
  for (const { seq } of events) {
    const held = recording.at({ seq });
    inFlight += held.platform.virtio[1]?.device.kind === "blk" ? held.platform.virtio[1].device.inFlight.length : 0;
    const saved = saveState(held);
    const loaded = loadState(saved, held);
    assert.equal(saveState(loaded), saved);
    assert.is(hashOfState(loaded), hashOfState(held));
    const machine = recording.openMachine();
    machine.load(loaded);
    assert.is(machine.outstandingEffects.length > 0, machine.awaitsDisk);
    await lastValueFrom(recording.replay$(machine).pipe(toArray()));
    assert.is(machine.hash(), hashOfState(state));
  }
  assert.ok(inFlight > 0);
  assert.ok(log.end !== undefined);
});

test("given a state with requests in flight, when a machine goes on from it with a new host, then that one answers them", async () => {
  KERNEL = diskGuest(MIXED);
  const { bytes, events } = await recorded(
    open(MIXED),
    host(MIXED, (requests) => requests),
  );
  const recording = openRecording(bytes, { images: { kernel: KERNEL }, drives: [BASE] });
  const asked = events.findIndex(({ event }) => event.type === "virtioBlk/requestCompleted");
  const held = recording.at({ seq: events[asked - 1]?.seq ?? 0 });
  const machine = recording.openMachine();
  machine.load(held);
  assert.is(machine.outstandingEffects.length, READS.length);
  await lastValueFrom(wired(machine, [disks(recording.disks)]));
  assert.is(machine.ended?.cause, "guest-shutdown");
});

test("given what a guest wrote, when the disk is exported or written back, then it is there, and the base only changes when asked", async () => {
  KERNEL = diskGuest(MIXED);
  const folder = mkdtempSync(join(tmpdir(), "foldvm-disk-"));
  try {
    const file = join(folder, "base.raw");
    writeFileSync(file, BASE);
    const opened = openMachine({
      memory: "4M",
      kernel: KERNEL,
      virtio: SLOTS,
      drives: [{ file, writeback: true }, { file: BASE }],
    });
    await lastValueFrom(wired(opened.machine, [disks(opened.disks)]));
    assert.equal(new Uint8Array(readFileSync(file)), BASE);
    const [, state] = opened.machine.state().disks;
    const image = opened.disks.get(state?.slot ?? -1);
    assert.ok(state !== undefined && image !== undefined);
    const exported = join(folder, "end.raw");
    exportDisk(image, state, exported);
    assert.throws(() => {
      exportDisk(image, state, exported);
    }, /exists already; name another file/);
    const expected = BASE.slice();
    const view = new DataView(expected.buffer);
    expected.fill(0, 70 * 512, 72 * 512);
    view.setUint32(70 * 512, 10, true);
    view.setUint32(71 * 512, 9, true);
    assert.equal(new Uint8Array(readFileSync(exported)), expected);
    writeBack(opened);
    assert.equal(new Uint8Array(readFileSync(file)), expected);
    // Somebody else's bytes are not written over.
    assert.throws(() => {
      writeBack(opened);
    }, /was changed/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
