// A place of a recording in words: each form is the place that `at` finds, and what is none is told as such.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { OptionError } from "../../../src/options/option-error.js";
import { at } from "../../../src/streams/past/query/at.js";
import { PositionError } from "../../../src/streams/past/replayer.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { isPlace, placeOf } from "../../../src/streams/session/place-words.js";

const recording = openRecording("logs/session.fold");
const { end } = recording.log;
if (end === undefined) throw new Error("it was closed");

for (const [text, expected] of [
  ["500_000", 500_000],
  ["500,000", 500_000],
  ["seq:1_0", { seq: 10 }],
  ["0@1_000", { seq: 0, icount: 1000 }],
  ["start", { seq: 0, icount: 0 }],
  ["end", { seq: end.seq, icount: end.icount }],
  ["ns:1,000", at(recording, { ns: 1000 })],
  ["12ns", at(recording, { ns: 12 })],
  ["1.5us", at(recording, { ns: 1500 })],
  ["0.25ms", at(recording, { ns: 250_000 })],
  ["0.001s", at(recording, { ns: 1_000_000 })],
  ["/demo/", at(recording, { text: /demo/ })],
  ["/FIRMWARE/i", at(recording, { text: /firmware/ })],
  ["event:uart16550/byteReceived", at(recording, { event: "uart16550/byteReceived" })],
  ["event:uart16550/*", at(recording, { event: "uart16550/*" })],
] as const) {
  test(`given ${text}, then it is that place`, () => {
    assert.ok(isPlace(text));
    const found = placeOf(text)(recording);
    if (typeof expected === "object" && "state" in expected)
      assert.equal(recording.at(found).position, expected.state.position);
    else assert.equal(found, expected);
  });
}

test("given the end, then it is where a replay ends", () => {
  assert.equal(recording.at(placeOf("end")(recording)).position, recording.at().position);
  assert.equal(recording.at(placeOf("end")(recording)).ram.digest, recording.at().ram.digest);
});

for (const [text, says] of [
  ["noon", /^noon: give an instruction count, seq:N, SEQ@ICOUNT, start, end, a time \(ns:N, 1\.5s\), .* event:TYPE$/],
  ["", /give an instruction count/],
  ["-1", /give an instruction count/],
  ["1.5", /give an instruction count/],
  ["seq:", /give an instruction count/],
  ["9007199254740992", /too large/],
  ["seq:9007199254740992", /too large/],
  ["9007200s", /too large/],
  ["0.0000000001s", /no part of a nanosecond/],
  ["1.5ns", /no part of a nanosecond/],
  ["event:uart16550/byte", /there is no event uart16550\/byte; is .* meant/],
  ["/(/", /Invalid regular expression/],
] as const) {
  test(`given ${text === "" ? "no text" : text}, then the error says what is wrong`, () => {
    assert.throws(
      () => placeOf(text),
      (fault: unknown) => fault instanceof OptionError && says.test(fault.message),
    );
  });
}

for (const text of ["/nobody prints this/", "event:clint/timerFired*", "9000000s", "event:goldfishRtc/alarmFired"]) {
  test(`given ${text}, which the recording does not have, then that is an error`, () => {
    assert.throws(
      () => recording.at(placeOf(text)(recording)),
      (fault: unknown) => fault instanceof PositionError || fault instanceof OptionError,
    );
  });
}

test.after(() => {
  recording.close();
});

test.run();
