/** Machines of a recording for as long as some work takes. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Machine } from "../../../src/machine/machine.js";
import { onMachine, withMachine } from "../../../src/streams/past/on-machine.js";
import { golden } from "../../support/branches.js";

test("given works at once, then each has a machine of its own in the state it asked for; when it ends or is left, it is over", () => {
  const recording = golden("clock");
  const lent: Machine[] = [];
  const states = [0, 30].map((icount) => recording.at(icount));
  const works = states.map((from) =>
    onMachine(recording, from, function* (machine) {
      lent.push(machine);
      yield machine.position.icount;
      return machine.hash();
    }),
  );
  assert.equal(
    works.map((work) => work.next().value),
    [0, 30],
  );
  assert.is.not(lent[0], lent[1]);
  works[0]?.return(0n);
  works[1]?.next();
  for (const machine of lent) assert.throws(() => machine.state(), /released/);
});

test("given work that throws, then its machine is over, too", () => {
  const lent: Machine[] = [];
  const fail = (machine: Machine): never => {
    lent.push(machine);
    assert.is(machine.position.icount, 0);
    throw new Error("no luck");
  };
  assert.throws(() => withMachine(golden("clock"), fail), /no luck/);
  assert.throws(() => lent[0]?.state(), /released/);
});

test.run();
