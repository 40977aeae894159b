/** New values: what is written is what is then read, and nothing beside it. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { seenBy } from "../../../../../src/machine/inspect.js";
import type { MachineState } from "../../../../../src/machine/state.js";
import { withWrite } from "../../../../../src/machine/written-state.js";
import { frameIn } from "../../../../../src/streams/past/names/frame.js";
import { stackOf } from "../../../../../src/streams/past/stack.js";
import type { Recording } from "../../../../../src/streams/past/recording.js";
import { evaluated } from "../../../../../src/streams/session/dap/data/evaluate.js";
import { writesOf } from "../../../../../src/streams/session/dap/data/new-value.js";
import type { View } from "../../../../../src/streams/session/dap/data/shown.js";
import { guestElf } from "../../../../support/guest-build.js";
import { recorded } from "../../../../support/recorded.js";

const DECIMAL = { isHex: false };

const names = (): Promise<Recording> =>
  recorded({ memory: "8M", bios: "none", kernel: guestElf("names"), seed: "names" });

function viewOf(recording: Recording, state: MachineState, depth = 0): View {
  const at = seenBy(state, 0);
  const frame = stackOf(recording.names, at, 0)[depth]?.frame ?? frameIn({ at, names: recording.names });
  return { names: recording.names, at, frame };
}

/** The state in which it has the new value. */
function written(recording: Recording, state: MachineState, expression: string, text: string): MachineState {
  const { place } = evaluated(expression, viewOf(recording, state), DECIMAL);
  assert.ok(place, `${expression} can be written`);
  return writesOf(place, text).reduce(withWrite, state);
}

const textOf = (recording: Recording, state: MachineState, expression: string): string =>
  evaluated(expression, viewOf(recording, state), DECIMAL).value;

test("given members, bit fields, enumerators and floats, when one is written, then it is read back, and its neighbours stay", async () => {
  const recording = await names();
  const end = recording.at();
  const job = "pool[2]";
  const neighbours = ["urgency", "is_used", "tries", "balance", "wide", "next", "argument.word"].map(
    (member) => `${job}.${member}`,
  );
  const cases: readonly (readonly [string, string, string])[] = [
    [`${job}.urgency`, "NOW", "NOW"],
    [`${job}.urgency`, "-1", "LATER"],
    [`${job}.is_used`, "1", "1"],
    [`${job}.tries`, "30", "30"],
    [`${job}.balance`, "-200", "-200"],
    [`${job}.wide`, "0xab12345678", String(0xab12345678n)],
    [`${job}.argument.bytes[3]`, "'a'", "97 'a'"],
    ["q.pending", "q.done + 1", "7"],
    ["table[3][2]", "4294967295", "4294967295"],
    ["store.shape.weight", "-2.5", "-2.5"],
    ["store.shape.is_filled", "false", "false"],
    ["store.shape.corners[1][2].x", "-3", "-3"],
  ];
  for (const [expression, text, expected] of cases) {
    const after = written(recording, end, expression, text);
    assert.is(textOf(recording, after, expression), expected, `${expression} = ${text}`);
    for (const other of neighbours) {
      if (other === expression || expression.startsWith(`${job}.argument`)) continue;
      assert.is(
        textOf(recording, after, other),
        textOf(recording, end, other),
        `${other}, when ${expression} is written`,
      );
    }
  }
  recording.close();
});

test("given registers, when one is written, then it is read back", async () => {
  const recording = await names();
  const state = recording.at(1000);
  for (const [expression, text, expected] of [
    ["$a0", "0x1234", "0x1234"],
    ["$pc", "main", /^0x8[0-9a-f]+ <main>$/],
    ["$mscratch", "7 * 6", "0x2a"],
    ["$fa0", "1.5", "1.5 (0x3ff8000000000000)"],
  ] as const) {
    const text2 = textOf(recording, written(recording, state, expression, text), expression);
    if (typeof expected === "string") assert.is(text2, expected, expression);
    else assert.match(text2, expected);
  }
  recording.close();
});

test("given what does not fit, or is no number, then that is refused", async () => {
  const recording = await names();
  const end = recording.at();
  assert.throws(() => written(recording, end, "q.pending", "1 << 32"), /does not fit into uint32_t of 32 bits/);
  assert.throws(() => written(recording, end, "pool[2].tries", "32"), /does not fit into unsigned int of 5 bits/);
  assert.throws(() => written(recording, end, "store.shape.weight", "heavy"), /heavy is no number/);
  assert.throws(() => written(recording, end, "q.pending", "nowhere"), /there is no nowhere/);
  assert.not(evaluated("q", viewOf(recording, end), DECIMAL).place);
  recording.close();
});

test("given a float, then it is shown, and nothing is computed of its bits by mistake", async () => {
  const recording = await names();
  const end = recording.at();
  const after = written(recording, end, "store.shape.weight", "2.5");
  assert.is(textOf(recording, after, "store.shape.weight"), "2.5");
  for (const expression of ["store.shape.weight + 1", "store.shape.weight > 2", "-store.shape.weight"]) {
    assert.throws(() => textOf(recording, after, expression), /nothing is computed with a double here/);
  }
  assert.is(textOf(recording, after, "(unsigned long)store.shape.weight,x"), "0x4004000000000000");
  recording.close();
});

test.run();
