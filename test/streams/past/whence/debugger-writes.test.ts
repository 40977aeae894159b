/** What a debugger wrote is where a value begins, and a row among the writes. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { BranchRun } from "../../../../src/streams/past/branch/index.js";
import { at } from "../../../../src/streams/past/query/at.js";
import { writes } from "../../../../src/streams/past/query/index.js";
import { whence } from "../../../../src/streams/past/whence/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { memoryWrites, registerWrite } from "../../../../src/streams/session/debugger-writes.js";
import { Control } from "../../../../src/streams/time/control.js";

const COUNT = { address: 0x8000_2ed8, bytes: 4 };
const FORK = 29_000;

test("given a branch in which a debugger wrote, when its values are followed back, then they begin with that; and writes has it", () => {
  const parent = openRecording("logs/race-fails.fold");
  const run = new BranchRun(parent, parent.at(FORK));
  for (const write of memoryWrites(run.machine.present, BigInt(COUNT.address), Uint8Array.of(42, 0, 0, 0)))
    run.write(write);
  run.write(registerWrite(0, "s11", 9n));
  run.write(registerWrite(0, "sscratch", 7n));
  const control = new Control();
  control.attach(run.machine);
  for (const step of run.steps(control)) if (step === undefined || step.icount > FORK + 100) break;

  const moment = at(run.recording);
  const rows = writes(run.recording, { of: COUNT, from: FORK }).toArray();
  assert.equal(
    rows.slice(0, 1).map(({ by, before, value, icount, pc }) => ({ by, before, value, icount, pc })),
    [{ by: "debugger", before: 0n, value: 42n, icount: FORK, pc: undefined }],
  );
  for (const [place, value, type] of [
    [COUNT, 42n, "debugger/memoryWritten"],
    ["s11", 9n, "debugger/registerWritten"],
    ["sscratch", 7n, "debugger/registerWritten"],
  ] as const) {
    const source = whence(at(run.recording, { seq: 3, icount: FORK }), place);
    assert.equal([source.kind, source.value, source.text], ["event", value, type]);
    assert.equal(source.sources(), []);
  }
  assert.ok(moment.position.icount > FORK);
  parent.close();
});

test.run();
