// The fold refuses what the machine would not have had: here, anything after it was switched off.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Divergence } from "../../src/machine/divergence.js";
import { fold } from "../../src/machine/fold.js";
import type { MachineEvent } from "../../src/reducers/events.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { replay } from "../../src/streams/past/replayer.js";

test("given a machine that is off, when an event comes that it would take at any other time, then it diverges", () => {
  const recording = openRecording("logs/panic.fold");
  for (const event of [
    { type: "machine/reset", cause: "host-reset" },
    { type: "machine/shutdown", cause: "host-ui", code: 0 },
  ] as const satisfies readonly MachineEvent[]) {
    const machine = recording.openMachine();
    replay(machine, recording.log);
    const { seq, icount } = machine.position;
    assert.ok(machine.ended !== undefined && machine.ended !== null);
    const hash = machine.hash();
    try {
      fold(machine, { seq: seq + 1, icount, event });
      assert.unreachable(event.type);
    } catch (fault) {
      assert.instance(fault, Divergence);
      assert.match(String(fault), "a machine that is off");
    }
    assert.is(machine.hash(), hash, "it is left where it was");
  }
});

test.run();
