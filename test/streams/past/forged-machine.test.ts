// Recordings whose header names a machine that this foldvm can't make: refused by the field's name before anything is
// run.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { openMachine } from "../../../src/streams/session/machine-options.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { LogError, memorySink, openWriter } from "../../../src/streams/store/log/index.js";
import { spinning } from "../../support/tiny-guests.js";

const kernel = spinning();
const { header } = openMachine({ memory: "2M", kernel, seed: "test" });

const opened = (change: object): unknown => {
  const sink = memorySink();
  openWriter(sink, { ...header, machine: { ...(header.machine as object), ...change } }).abandon();
  try {
    return openRecording(sink.bytes(), { images: { kernel } }).openMachine();
  } catch (error) {
    return error;
  }
};

test("given the machine as it was recorded, then it is opened: the other cases fail for their own reason", () => {
  assert.not.instance(opened({}), Error);
});

test("given a machine of another size than one that can be, when it is opened, then the field is named", () => {
  for (const [change, field, message] of [
    [{ harts: 9 }, "harts", /has harts 9 \(.*1 to 8.*\)/],
    [{ harts: 0 }, "harts", /harts 0/],
    [{ harts: 2 ** 40 }, "harts", /harts 1099511627776/],
    [{ shift: 11 }, "shift", /shift 11 \(expected an integer from 0 to 10\)/],
    [{ rngSeed: "ab".repeat(513) }, "rngSeed", /not a seed of at most 1024/],
    [{ rngSeed: "xy" }, "rngSeed", /rngSeed "xy"/],
  ] as const) {
    const error = opened(change);
    assert.instance(error, LogError, JSON.stringify(change));
    assert.is((error as LogError).code, "INVALID_HEADER");
    assert.is((error as LogError).field, field);
    assert.match((error as LogError).message, message);
  }
  assert.not.instance(opened({ rngSeed: "ab".repeat(512) }), Error, "as long as may be");
});

test("given a value of as many letters as are shown, then all are; with one more, then that is left out", () => {
  const messageOf = (letters: number): string => (opened({ harts: "x".repeat(letters) }) as Error).message;
  // With its quotes.
  assert.match(messageOf(58), `harts "${"x".repeat(58)}"`);
  assert.match(messageOf(59), `harts "${"x".repeat(59)} (`);
});

test("given more memory than a machine can have, when it is opened, then that is told, and nothing is allocated", () => {
  assert.match((opened({ memoryBytes: 2 ** 40 }) as Error).message, /memory/);
});

test.run();
