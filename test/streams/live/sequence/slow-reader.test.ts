// A machine whose reader is slow stands still; what switches it off does not wait for the reader.
import { Subject } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { MachineEvent } from "../../../../src/reducers/events.js";
import { run } from "../../../../src/streams/live/run.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { ticking } from "../../../support/tiny-guests.js";
import { eventually } from "../../net/fake-guest.js";

const begun = () => {
  const { machine } = openMachine({ memory: "4M", kernel: ticking(1000) });
  const changed$ = new Subject<void>();
  const demand = { isMet: true, changed$ };
  const inputs$ = new Subject<MachineEvent>();
  let isOver = false;
  run(machine, [() => inputs$], { demand, sleep: false }).subscribe({ complete: () => (isOver = true) });
  return { machine, demand, inputs$, isOver: () => isOver };
};

test("given a reader with enough to read, then the machine stands still, and goes on when the reader has read", async () => {
  const { machine, demand, inputs$ } = begun();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.is(machine.position.icount, 0);
  demand.isMet = false;
  demand.changed$.next();
  await eventually(() => machine.position.icount > 0, "some instructions");
  inputs$.next({ type: "machine/shutdown", cause: "host-signal", code: 0 });
});

test("given a reader who does not read, when the machine is switched off, then it is off", async () => {
  const { machine, inputs$, isOver } = begun();
  inputs$.next({ type: "machine/shutdown", cause: "host-signal", code: 0 });
  await eventually(isOver, "the end");
  assert.is(machine.ended?.cause, "host-signal");
});

test("given a reader who does not read, when the machine is reset, then it is reset, and stands still again", async () => {
  const { machine, inputs$, isOver } = begun();
  inputs$.next({ type: "machine/resetRequested", cause: "host" });
  await eventually(() => machine.position.seq >= 1, "the request");
  await new Promise((resolve) => setTimeout(resolve, 20));
  const { seq } = machine.position;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal([machine.position.seq, isOver()], [seq, false]);
  inputs$.next({ type: "machine/shutdown", cause: "host-signal", code: 0 });
  await eventually(isOver, "the end");
});

test.run();
