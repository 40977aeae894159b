// What a monitor types at a machine that runs.
import { BehaviorSubject, EMPTY } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { LiveTarget } from "../../../../src/streams/session/target/live-target.js";
import { Monitor } from "../../../../src/streams/session/monitor/monitor.js";
import { MonitorError } from "../../../../src/streams/session/target/monitor-error.js";
import { controlled } from "../../../../src/streams/time/control.js";
import { Names } from "../../../../src/streams/past/names/names.js";
import { spinning } from "../../../support/tiny-guests.js";

const MOST_BYTES = 65_536;

const opened = () => {
  const { machine } = openMachine({ memory: "2M", bios: "none", kernel: spinning(), seed: "typed" });
  const nothing = (): void => undefined;
  const target = new LiveTarget(machine, {
    names: { names: Names.ofSymbols(() => []), kernel: undefined },
    recordingName: undefined,
    isStopped: true,
    reset: nothing,
    quit: nothing,
  });
  const hasRoom$ = new BehaviorSubject(true);
  const typed: number[] = [];
  target.typed(hasRoom$).subscribe((bytes) => typed.push(bytes.length));
  const codeOf = (length: number): string => {
    try {
      target.type(new Uint8Array(length));
    } catch (fault) {
      assert.instance(fault, MonitorError);
      return (fault as MonitorError).code;
    }
    return "typed";
  };
  return { machine, target, hasRoom$, typed, codeOf };
};

test("given as many bytes as a monitor may type, then they are typed; with one more, then none is, and it is told", () => {
  const { typed, codeOf } = opened();
  assert.is(codeOf(MOST_BYTES + 1), "NO_ROOM");
  assert.equal(typed, []);
  assert.is(codeOf(MOST_BYTES), "typed");
  assert.equal(typed, [MOST_BYTES]);
});

test("given a guest that has yet to take what was typed, when one more byte is, then it is told; with room again, then it is typed", () => {
  const { hasRoom$, typed, codeOf } = opened();
  hasRoom$.next(false);
  assert.is(codeOf(1), "NO_ROOM");
  hasRoom$.next(true);
  assert.is(codeOf(1), "typed");
  assert.equal(typed, [1]);
});

test("given a machine that has ended, when something is typed, then the error says that it has", () => {
  const { machine, target } = opened();
  EMPTY.pipe(controlled(target.control, machine)).subscribe();
  assert.throws(() => {
    target.type(new Uint8Array(1));
  }, /^the machine has ended/);
});

test("given a machine whose engine tells nobody what the guest does, when a breakpoint is set, then the error says what it takes", async () => {
  const { target } = opened();
  const fault = await new Monitor(target).execute("break *0x80000000").catch((thrown: unknown) => thrown);
  assert.match((fault as MonitorError).message, /^not in a run: without --monitor/);
  assert.is((fault as MonitorError).code, "NOT_HERE");
});

test.run();
