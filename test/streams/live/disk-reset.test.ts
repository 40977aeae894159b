// A machine that resets itself while its disk's requests are in flight: those are dropped, what was finished is on the
// disk, and a replay agrees.
import { lastValueFrom, Observable, toArray } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { hashOfState } from "../../../src/machine/state-hash.js";
import type { MachineState } from "../../../src/machine/state.js";
import type { DiskRequested } from "../../../src/reducers/effect.js";
import type { Backend } from "../../../src/streams/live/backend.js";
import { memorySink } from "../../../src/streams/store/log/index.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { record } from "../../../src/streams/live/recorder.js";
import { replay } from "../../../src/streams/past/recording.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { wired } from "../../../src/streams/live/run.js";
import {
  dataAt,
  READ,
  resettingDiskGuest,
  statusAt,
  usedEntry,
  WRITE_OUT,
  type GuestRequest,
} from "../../support/disk-guest.js";
import { numberedSectors } from "../../support/memory-disk.js";
import { seededRandom, type Random } from "../../support/seeded-random.js";

const BASE = numberedSectors(64);
const RAM = 0x8000_0000;
const MARKED = 9;
const SECTORS = [20, 21, 22, 23, 24, 25];
/** Each other one is a write, numbered from 3: request 0 looks at the mark, request 1 sets it. */
const BEFORE: readonly GuestRequest[] = SECTORS.map((sector, index) => ({
  type: index % 2 === 0 ? WRITE_OUT : READ,
  sector,
}));
const AFTER: readonly GuestRequest[] = SECTORS.map((sector) => ({ type: READ, sector }));
const SEED = 31;

/**
 * Answers the requests as they come, but of those with the numbers of `before` only the first `answered` in an order of
 * chance; the others once the guest has asked again after its reset: before what it asks then, or after it.
 */
const host = (random: Random, answered: number, finished: number[], late: { isFirst: boolean }): Backend => {
  const [first, last] = [2, 1 + BEFORE.length];
  return (effects$) =>
    new Observable((subscriber) => {
      const waiting: DiskRequested[] = [];
      const owed: DiskRequested[] = [];
      const answer = (requests: readonly DiskRequested[]): void => {
        setImmediate(() => {
          for (const { slot, id } of requests)
            subscriber.next({ type: "virtioBlk/requestCompleted", slot, id, status: 0 });
        });
      };
      return effects$.subscribe((effect) => {
        if (effect.type !== "disk/requested") return;
        if (effect.id < first) answer([effect]);
        else if (effect.id <= last) {
          waiting.splice(random(waiting.length + 1), 0, effect);
          if (waiting.length < BEFORE.length) return;
          const now = waiting.slice(0, answered);
          finished.push(...now.map(({ id }) => id - first));
          owed.push(...waiting.slice(answered));
          answer(now);
        } else answer(late.isFirst ? [...owed.splice(0), effect] : [effect, ...owed.splice(0)]);
      });
    });
};

const inFlight = ({ platform }: MachineState): readonly unknown[] =>
  platform.virtio.flatMap(({ device }) => (device.kind === "blk" ? device.inFlight : []));

// Negative controls, tried once: with `resetPlatform` keeping the disk's device it is red at the reset; with ids
// counted anew after it (`stateAtReset`) late answers are taken for others', and the guest waits for ever.
test("given a guest that resets itself with requests in flight, then they are dropped, late answers change nothing, and it replays the same", async () => {
  const random = seededRandom(SEED);
  for (let answered = 0; answered <= BEFORE.length; answered += 2) {
    for (const isFirst of [true, false]) {
      const what = `${String(answered)} answered, late answers ${isFirst ? "first" : "last"}`;
      const kernel = resettingDiskGuest(MARKED, BEFORE, answered, AFTER);
      const virtio = ["none", "none", "rng", "rng", "rng", "rng", "rng", "rng"] as const;
      const drives = [{ file: BASE }, { file: BASE }];
      const { machine, header } = openMachine({ memory: "4M", kernel, seed: "reset", virtio, drives });
      const sink = memorySink();
      const finished: number[] = [];
      const events = await lastValueFrom(
        wired(machine, [host(random, answered, finished, { isFirst })]).pipe(record(machine, sink, header), toArray()),
      );
      const types = events.map(({ event }) => event.type);
      const reset = types.indexOf("machine/reset");
      const isAnswer = (type: string): boolean => type === "virtioBlk/requestCompleted";
      assert.is(types.slice(0, reset).filter(isAnswer).length, 2 + answered, what);
      // The mark is looked at once more; all late answers are events too.
      assert.is(types.slice(reset).filter(isAnswer).length, BEFORE.length - answered + 1 + AFTER.length, what);

      const state = machine.state();
      const { ram } = state;
      const word = (address: number): number => new DataView(ram.read(address - RAM, 4).buffer).getUint32(0, true);
      const returned = Array.from({ length: 1 + AFTER.length }, (_, place) => word(usedEntry(place)) / 3);
      assert.equal(returned.sort(), [0, 1, 2, 3, 4, 5, 6], "only what was asked after the reset came back");
      const image = new DataView(BASE.buffer);
      for (const [index, sector] of SECTORS.entries()) {
        assert.is(ram.read(statusAt(1 + index) - RAM, 1)[0], 0, what);
        const isWritten = BEFORE[index]?.type === WRITE_OUT && finished.includes(index);
        const expected = isWritten ? 3 + index : image.getUint32(sector * 512, true);
        assert.is(word(dataAt(1 + index)), expected, `${what}: sector ${String(sector)}`);
      }
      const recording = openRecording(sink.bytes(), { images: { kernel }, drives: [BASE] });
      assert.equal(inFlight(recording.at({ seq: events[reset - 1]!.seq })).length, BEFORE.length - answered, what);
      assert.equal(inFlight(recording.at({ seq: events[reset]!.seq })), [], what);
      assert.is(hashOfState(replay(recording)), hashOfState(state), what);
    }
  }
});

test.run();
