// A schedule as text: what is written is read again, and what means nothing is told by line and field.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { OptionError } from "../../../src/options/option-error.js";
import { MAX_SCHEDULE_EVENTS } from "../../../src/streams/chaos/schedule.js";
import { parseSchedule, scheduleLine } from "../../../src/streams/chaos/schedule-text.js";
import { fromJson } from "../../../src/streams/store/log/index.js";

const EVENTS = [
  { seq: 1, icount: 5, ns: "5", type: "schedule/turnEnded" },
  { seq: 2, icount: 5, ns: "5", type: "schedule/turnProlonged", byInsns: 100 },
  { seq: 3, icount: 7, ns: "7", type: "uart16550/byteReceived", byte: 65 },
  { seq: 4, icount: 9, ns: "9", type: "schedule/hartPrioritized", hart: 1, priority: 2 },
  { seq: 5, icount: 9, ns: "100009", type: "clock/skewed", byNs: "100000" },
].map(fromJson);

test("given events, when their lines are read again, then the deviations among them are there", () => {
  const lines = EVENTS.map(scheduleLine).filter((line) => line !== undefined);
  assert.is(lines[0], '{"icount":5,"type":"schedule/turnEnded"}');
  assert.equal(parseSchedule(`${lines.join("\n")}\n\n`), [
    { icount: 5, type: "schedule/turnEnded" },
    { icount: 5, type: "schedule/turnProlonged", byInsns: 100 },
    { icount: 9, type: "schedule/hartPrioritized", hart: 1, priority: 2 },
    { icount: 9, type: "clock/skewed", byNs: 100_000n },
  ]);
});

const END = '{"icount":5,"type":"schedule/turnEnded"}';

for (const [text, message, option] of [
  ["{", "line 1 of the schedule: expected an object", undefined],
  ["[]", "line 1 of the schedule: expected an object", undefined],
  [`${END}\n\n{"type":"schedule/turnEnded"}`, "line 3 of the schedule: icount: expected", "icount"],
  [
    `${END}\n{"icount":4,"type":"schedule/turnEnded"}`,
    "line 2 of the schedule: icount 4: expected 5 or more",
    "icount",
  ],
  ['{"icount":-1,"type":"schedule/turnEnded"}', "line 1 of the schedule: icount -1: expected", "icount"],
  ['{"icount":1,"type":"machine/reset"}', 'type "machine/reset": expected one of schedule/turnEnded', "type"],
  ['{"icount":1}', "line 1 of the schedule: type: expected one of", "type"],
  ['{"icount":1,"type":"clock/skewed","byNs":5}', "byNs 5: expected a 64-bit integer as a decimal string", "byNs"],
  ['{"icount":1,"type":"clock/skewed"}', "byNs: clock/skewed lacks this member", "byNs"],
  [`# a comment\n\n  # another\n{`, "line 4 of the schedule: expected an object", undefined],
  ['{"icount":1,"type":"schedule/turnProlonged","byInsns":4294967296}', "byInsns 4294967296: ", "byInsns"],
  ['{"icount":1,"type":"schedule/turnEnded","hart":1}', "hart 1: ", "hart"],
  [
    `${END}\n`.repeat(MAX_SCHEDULE_EVENTS + 1),
    `line ${String(MAX_SCHEDULE_EVENTS + 1)} of the schedule: one too`,
    undefined,
  ],
] as const)
  test(`given the schedule ${text.slice(0, 60)}, when it is read, then the error says where and why`, () => {
    try {
      parseSchedule(text);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, OptionError, String(error));
      assert.match((error as OptionError).message, message);
      assert.is((error as OptionError).option, option);
    }
  });

test.run();
