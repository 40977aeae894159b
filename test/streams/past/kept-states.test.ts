/** States that a replay leaves on its way: few, well spaced, in a bounded memory. */
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { MachineState } from "../../../src/machine/state.js";
import { positionOf } from "../../../src/reducers/position.js";
import { KeptStates, MAX_KEPT_STATES } from "../../../src/streams/past/kept-states.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { spinning } from "../../support/tiny-guests.js";

const someState = (): MachineState =>
  openMachine({ memory: "2M", bios: "none", kernel: spinning(), seed: "kept" }).machine.state();

const icountsOf = (kept: KeptStates): readonly number[] => kept.wholeStates.map(({ position }) => position.icount);

test("given as many states as are kept, when there is one more, then one goes that is far from it", () => {
  const state = someState();
  const kept = new KeptStates();
  const keepAt = (icount: number): void => {
    kept.keep({ ...state, position: positionOf(0, icount) });
  };
  for (let icount = 0; icount < MAX_KEPT_STATES; icount += 1) keepAt(icount);
  assert.is(icountsOf(kept).length, MAX_KEPT_STATES);
  keepAt(MAX_KEPT_STATES);
  const left = icountsOf(kept);
  assert.is(left.length, MAX_KEPT_STATES);
  assert.is(left.at(-1), MAX_KEPT_STATES);
  const gone = Array.from({ length: MAX_KEPT_STATES }, (_, icount) => icount).filter(
    (icount) => !left.includes(icount),
  );
  assert.is(gone.length, 1);
  assert.ok((gone[0] ?? Infinity) < MAX_KEPT_STATES / 2, `${String(gone[0])} is gone`);
});

test("given many states kept around a place, when they are thinned, then they lie the closer, the nearer they are", () => {
  const state = someState();
  const kept = new KeptStates();
  const focus = 10 * MAX_KEPT_STATES;
  for (let icount = 0; icount < focus; icount += 1) kept.keep({ ...state, position: positionOf(0, icount) });
  const left = icountsOf(kept);
  const within = (from: number, to: number): number => left.filter((icount) => icount >= from && icount < to).length;
  assert.ok(within(focus - 1000, focus) > 4 * within(0, 1000), `${left.slice(0, 5).join(" ")} and so on`);
  assert.ok(within(0, focus / 2) > 10, "those far away are not all gone");
});

test("given a bound of memory, when a recording is replayed, then its states are within it, and any place is found", () => {
  const log = fileURLToPath(new URL("../../../logs/race-fails.fold", import.meta.url));
  const [roomy, tight] = [openRecording(log), openRecording(log, { keptBytes: 100_000 })];
  const places = [1, 300_000, 200_000, 299_999, 17, 1_000_000];
  for (const place of places) assert.is(tight.at(place).ram.digest, roomy.at(place).ram.digest);
  assert.ok(tight.kept.wholeStates.length < roomy.kept.wholeStates.length);
  assert.ok(tight.kept.usedBytes <= 100_000, String(tight.kept.usedBytes));
});

test("given a place that was asked for, when the one before it is asked for, then the replay goes on from close by", () => {
  const log = fileURLToPath(new URL("../../../logs/race-fails.fold", import.meta.url));
  const recording = openRecording(log);
  recording.at(1_000_000);
  assert.ok(1_000_000 - recording.nearestTo(999_999).position.icount <= 1000);
});

test("given a state after an event, when a place farther on before the next event is asked for, then the replay goes on from it", () => {
  const log = fileURLToPath(new URL("../../../logs/race-fails.fold", import.meta.url));
  const recording = openRecording(log);
  const { seq } = recording.at(1_100_000).position;
  const state = recording.at({ seq, icount: 1_100_010 });
  assert.is(recording.nearestTo({ seq, icount: 1_100_020 }).position.icount, 1_100_010);
  assert.is(recording.nearestTo({ seq, icount: 1_100_010 }), state, "the place itself");
  assert.is(
    recording.at({ seq, icount: 1_100_020 }).ram.digest,
    openRecording(log).at({ seq, icount: 1_100_020 }).ram.digest,
  );
  assert.ok(recording.nearestTo({ seq }).position.seq < seq, "a place at an event is not behind it");
});

test.run();
