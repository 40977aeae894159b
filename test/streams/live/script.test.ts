// A script at a console: texts are waited for in their order, what is typed comes after, and a guest that does not keep
// to it is told.
import { lastValueFrom } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { run } from "../../../src/streams/live/run.js";
import {
  MAX_SCRIPT_STEPS,
  MAX_SCRIPT_TEXT_BYTES,
  script,
  ScriptError,
  type ScriptStep,
} from "../../../src/streams/live/script.js";
import { parseScript } from "../../../src/streams/live/script-file.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { demoOptions } from "../../support/demo-guest.js";

/** Runs the demo guest under a script, to its end or so many instructions. */
const played = async (steps: readonly ScriptStep[], untilIcount = 50_000_000) => {
  const { machine } = openMachine({ ...demoOptions, append: undefined });
  const playing = script(steps);
  const events$ = run(machine, [playing.backend], { sleep: false, untilIcount }).pipe(playing.check(machine));
  await lastValueFrom(events$, { defaultValue: undefined });
  return machine;
};

const faultOf = async (steps: readonly ScriptStep[]): Promise<ScriptError> => {
  const fault: unknown = await played(steps).catch((error: unknown) => error);
  assert.instance(fault, ScriptError);
  return fault as ScriptError;
};

test("given texts to wait for and to type, when the guest prints and reads them, then the script is kept", async () => {
  const machine = await played([
    { wait: "demo> " },
    { type: "uptime\r" },
    { wait: "uptime" },
    { wait: "demo> " },
    { type: "panic 42\r" },
    { expectExit: 42 },
  ]);
  assert.equal(machine.ended, { cause: "guest-panic", code: 42 });
});

test("given another exit code than expected, then the run fails with both", async () => {
  const fault = await faultOf([{ wait: "demo> " }, { type: "panic 42\r" }, { expectExit: 0 }]);
  assert.is(fault.code, "SCRIPT_NOT_KEPT");
  assert.is(fault.step, 3);
  assert.match(fault.message, /guest-panic, code 42.*expects exit code 0/);
});

test("given a guest that ends before it prints the text, then the run fails with the text and the step", async () => {
  const fault = await faultOf([{ wait: "demo> " }, { type: "poweroff\r" }, { wait: "never printed" }, { type: "x" }]);
  assert.is(fault.step, 3);
  assert.match(fault.message, /guest-shutdown, code 0\) before it printed "never printed"/);
});

test("given a text that was printed before the one waited for, then it counts for no later step", async () => {
  const fault = await faultOf([{ wait: "demo> " }, { type: "panic 1\r" }, { wait: "demo> " }]);
  assert.is(fault.step, 3);
});

test("given a script that is done, then that is told, once", async () => {
  const { machine } = openMachine({ ...demoOptions, append: undefined });
  const playing = script([{ wait: "demo> " }]);
  let done = 0;
  playing.done$.subscribe(() => (done += 1));
  await lastValueFrom(run(machine, [playing.backend], { untilIcount: 1_000_000, sleep: false }), {
    defaultValue: undefined,
  });
  assert.is(done, 1);
});

const invalidity = (steps: readonly ScriptStep[]): string => {
  try {
    script(steps);
  } catch (error) {
    if (error instanceof ScriptError && error.code === "INVALID_SCRIPT") return error.message;
  }
  return "";
};

test("given one step or one byte too many, then it is refused, and the step is named; with as many as there may be it is not", () => {
  const type = { type: "a" };
  assert.is(invalidity(Array.from({ length: MAX_SCRIPT_STEPS }, () => type)), "");
  assert.match(invalidity(Array.from({ length: MAX_SCRIPT_STEPS + 1 }, () => type)), /at most 10000 steps/);
  assert.is(invalidity([{ type: "a".repeat(MAX_SCRIPT_TEXT_BYTES) }]), "");
  assert.match(invalidity([type, { wait: "a".repeat(MAX_SCRIPT_TEXT_BYTES + 1) }]), /^step 2 .*65537 bytes/);
});

test("given steps that mean nothing, then they are refused", () => {
  assert.match(invalidity([{ wait: "" }]), /step 1 .*give the text/);
  assert.match(invalidity([{ expectExit: -1 }]), /expectExit -1/);
  assert.is(invalidity([{ expectExit: 2 ** 32 - 1 }]), "");
  assert.match(invalidity([{ expectExit: 2 ** 32 }]), /expectExit 4294967296/);
  assert.match(invalidity([{ expectExit: 0 }, { type: "a" }]), /step 1 .*nothing can come after/);
});

test("given a script's text, when it is parsed, then it is the steps of its lines", () => {
  const text = ["# boot", "", '  wait "login: "', 'type "root\\n"\r', 'type "\\u0003"', "expect-exit 3"].join("\n");
  assert.equal(parseScript(text), [{ wait: "login: " }, { type: "root\n" }, { type: "\u0003" }, { expectExit: 3 }]);
});

test("given a line that is none, then the message names it and what it should be", () => {
  const messageOf = (text: string): string => {
    try {
      parseScript(text);
    } catch (error) {
      return (error as ScriptError).message;
    }
    return "";
  };
  assert.match(messageOf('wait "a"\nsend "b"'), /^line 2 of the script: send: a line is {2}wait "TEXT"/);
  assert.match(messageOf("wait login"), /^line 1 of the script: wait login: give a text in double quotes/);
  assert.match(messageOf("type 5"), /double quotes/);
  assert.match(messageOf("expect-exit"), /give the exit code/);
  assert.match(messageOf("expect-exit x"), /expect-exit x: give the exit code/);
  assert.match(messageOf("WAIT"), /^line 1 of the script: WAIT: a line is/);
});

test.run();
