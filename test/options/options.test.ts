// What a program gives and means nothing is told at once, by name: the field, the value, and what was probably meant.
import { EMPTY } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  consoleBackend,
  Control,
  disks,
  fileSink,
  fork,
  memorySink,
  openMachine,
  openRecording,
  OptionError,
  openSavedMachine,
  parseReachRule,
  powerSwitch,
  profile,
  record,
  replay,
  router,
  run,
  script,
  trace$,
  virtualScheduler,
} from "../../src/index.js";
import { nearestOf } from "../../src/options/nearest.js";
import { spinning } from "../support/tiny-guests.js";

const RECORDING = "logs/session.fold";
const kernel = spinning();
const opened = () => openMachine({ memory: "2M", kernel, seed: "test" });

/** Whatever its type says: a program in JavaScript gives anything. */
const given = (value: unknown): never => value as never;

const refused = (work: () => unknown): OptionError => {
  try {
    work();
  } catch (error) {
    assert.instance(error, OptionError, String(error));
    return error as OptionError;
  }
  throw new Error("it was taken");
};

/** Each: what is done, the option that the error names, and what its message says. */
const refusals = (
  cases: readonly (readonly [work: () => unknown, option: string | undefined, message: RegExp])[],
): void => {
  for (const [work, option, message] of cases) {
    const error = refused(work);
    assert.match(error.message, message);
    assert.is(error.option, option, error.message);
    assert.is(error.code, "INVALID_OPTION");
  }
};

test("given a position that is none, then it is refused with what one is", () => {
  const recording = openRecording(RECORDING);
  for (const until of [5n, "5", -1, Number.NaN, 1.5, Infinity, null, true, []]) {
    for (const work of [
      () => recording.at(given(until)),
      () => replay(recording, { until: given(until) }),
      () => recording.replay$(given(undefined), given(until)),
      () => trace$(recording, { of: ["trap/taken"], until: given(until) }),
      () => trace$(recording, { of: ["trap/taken"], from: given(until) }),
    ]) {
      assert.match(refused(work).message, /expected (an icount|an object)/, String(until));
    }
  }
  refusals([
    [() => recording.at({}), undefined, /^at {}: expected a seq, an icount, or both/],
    [() => recording.at(given({ seq: "1" })), "seq", /^at: seq "1": expected a whole number/],
    [() => recording.at(given({ icount: 5n })), "icount", /^at: icount 5n: expected a whole number/],
    [() => recording.at(given({ icounts: 5 })), "icounts", /no such option; did you mean icount/],
    [() => replay(recording, given({ unti: 5 })), "unti", /did you mean until/],
  ]);
});

test("given options of a machine that are none, then the nearest right name is told, or what is expected", () => {
  refusals([
    [
      () => openMachine(given({ mem: "1M" })),
      "mem",
      /^openMachine: mem "1M": there is no such option; did you mean memory$/,
    ],
    [() => openMachine(given({ kernal: "x" })), "kernal", /did you mean kernel/],
    [() => openMachine(given({ zzz: 1 })), "zzz", /there is no such option; there are .*memory.*drives/],
    [() => openMachine(given({ memory: 5n })), "memory", /^openMachine: memory 5n: expected a number of bytes/],
    [() => openMachine(given({ memory: -1 })), "memory", /-1/],
    [() => openMachine(given({ kernel: 5 })), "kernel", /expected a path or a Uint8Array/],
    [() => openMachine(given({ append: ["a"] })), "append", /\(a list\): expected a text/],
    [() => openMachine(given({ virtio: ["rgn"] })), "virtio.0", /expected a virtio device/],
    [() => openMachine(given({ nics: {} })), "nics", /expected a list/],
    [() => openMachine(given({ nics: [{ max: "a" }] })), "nics.0.max", /did you mean mac/],
    [() => openMachine(given({ drives: [{ file: "x", format: "qcow" }] })), "drives.0.format", /did you mean qcow2/],
    [() => openMachine(given({ drives: [{}] })), "drives.0.file", /undefined: expected a path/],
    [() => openMachine(given(undefined)), undefined, /expected an object/],
    [() => openMachine(given("x.elf")), undefined, /"x\.elf": expected an object of/],
    [() => openSavedMachine(new Uint8Array(), given({ machin: {} })), "machin", /did you mean machine/],
    [() => openSavedMachine(new Uint8Array(), { machine: given({ mem: 1 }) }), "machine.mem", /did you mean memory/],
    [() => openRecording(given(5)), "source", /expected a path or a Uint8Array/],
    [() => openRecording(RECORDING, given({ image: {} })), "image", /did you mean images/],
    [() => openRecording(RECORDING, { images: given({ kernl: "x" }) }), "images.kernl", /did you mean kernel/],
  ]);
  assert.is(refused(() => openMachine(given({ mem: "1M" }))).nearest, "memory");
  assert.is(refused(() => openMachine(given({ harts: 2 }))).nearest, "smp");
  assert.is(refused(() => openMachine(given({ mem: "1M" }))).value, "1M");
});

test("given options of a run, a recorder or a backend that are none, then they are refused before anything runs", () => {
  const { machine, header } = opened();
  refusals([
    [() => run(machine, given(EMPTY)), "backends", /expected a list, each a function/],
    [() => run(machine, [given(EMPTY)]), "backends.0", /expected a function/],
    [() => run(machine, [], given({ slep: false })), "slep", /did you mean sleep/],
    [() => run(machine, [], given({ untilIcount: 5n })), "untilIcount", /whole number/],
    [() => run(machine, [], { checkpointInsns: 0 }), "checkpointInsns", /1 or more/],
    [() => run(machine, [], given({ control: {} })), "control", /expected a Control/],
    [() => run(machine, [], given({ virtual: 5 })), "virtual", /expected a virtualScheduler/],
    [() => run(machine, [], given({ inputEnded$: true })), "inputEnded$", /expected an Observable/],
    [() => record(machine, memorySink(), header, given({ snapshots: EMPTY })), "snapshots", /did you mean snapshots\$/],
    [() => fileSink("x", given({ overwrit: true })), "overwrit", /did you mean overwrite/],
    [() => consoleBackend(given({ port: "uart" })), "port", /did you mean uart16550/],
    [() => consoleBackend(given({ input: EMPTY })), "input", /did you mean input\$/],
    [() => consoleBackend(given({ write: "x" })), "write", /expected a function/],
    [() => disks(given({})), "bySlot", /expected a Map of disks/],
    [() => disks(new Map(), given({ onfault: () => undefined })), "onfault", /did you mean onFault/],
    [() => powerSwitch(given({ off: EMPTY })), "off", /did you mean off\$/],
    [() => script(given([{ wat: "x" }])), "steps.0", /expected { wait: TEXT }/],
    [() => script(given([{ expectExit: "0" }])), "steps.0", /expected/],
  ]);
  assert.equal(machine.position, { seq: 0, icount: 0 });
});

test("given options of a router that are none, then they are refused by name", () => {
  const clock = virtualScheduler(opened().machine);
  const rule = parseReachRule("127.0.0.1:80");
  assert.ok(rule);
  router({ allow: [rule], resolver: { address: "127.0.0.1", port: 53 } }, clock);
  refusals([
    [() => router(given({ allows: [] }), clock), "allows", /did you mean allow/],
    [() => router(given({ allow: ["127.0.0.1:80"] }), clock), "allow.0", /"127.0.0.1:80": expected an object/],
    [() => router(given({ restrict: "no" }), clock), "restrict", /true or false/],
    [() => router({ resolver: { address: "1.1.1.1", port: 65_536 } }, clock), "resolver.port", /a port, 1 to 65535/],
    [() => router({}, given(undefined)), "scheduler", /expected a scheduler/],
  ]);
});

test("given what is asked of a recording and is none, then the nearest right one is told", () => {
  const recording = openRecording(RECORDING);
  refusals([
    [
      () => trace$(recording, given({ of: ["mmio/store"] })),
      "of.0",
      /^trace\$: of\.0 "mmio\/store": .*did you mean mmio\/stored$/,
    ],
    [() => trace$(recording, given({})), "of", /expected a list/],
    [() => fork(recording, { patch: given({}) }), "patch", /expected a list, each { place, value, hart }/],
    [() => trace$(recording, given({ of: [], form: 5 })), "form", /did you mean from/],
    [() => profile(recording, given({ every: 5 })), "every", /did you mean everyInsns/],
    [() => profile(recording, { everyInsns: 0 }), "everyInsns", /1 or more/],
    [() => recording.replay$(given(undefined), undefined, given({ contrl: 1 })), "contrl", /did you mean control/],
  ]);
});

test("given a control's target that is none, then its promise is rejected with what one is", async () => {
  const { machine } = opened();
  const control = new Control({ paused: true });
  const subscription = run(machine, [], { control }).subscribe();
  for (const [target, message] of [
    [{}, /expected insns, icount, seq, text, event, state or present/],
    [{ insn: 5 }, /did you mean insns/],
    [{ insns: -1 }, /insns -1: expected a whole number/],
    [{ insns: 5n }, /insns 5n/],
    [{ seq: "1" }, /seq "1"/],
    [{ text: 5 }, /text 5: expected a text/],
    [{ event: "clint/timerFired" }, /expected a function/],
    [{ state: () => true, every: 0 }, /every 0: expected a whole number, 1 or more/],
    [{ text: "a", seq: 1 }, /seq 1: there is no such option/],
    [5, /expected an object/],
  ] as const) {
    const fault: unknown = await control.runUntil(given(target)).catch((error: unknown) => error);
    assert.instance(fault, OptionError);
    assert.match((fault as OptionError).message, message);
  }
  refusals([[() => new Control(given({ pause: true })), "pause", /did you mean paused/]]);
  subscription.unsubscribe();
});

test("given a word, then the nearest is one that it begins, or that differs in few letters, or none", () => {
  const words = ["memory", "kernel", "append", "seed", "shift"];
  assert.is(nearestOf("mem", words), "memory");
  assert.is(nearestOf("Kernal", words), "kernel");
  assert.is(nearestOf("s", words), undefined);
  assert.is(nearestOf("kernle", words), "kernel");
  assert.is(nearestOf("nothing like it", words), undefined);
  assert.is(nearestOf("m".repeat(100_000), words), undefined);
});

test("given long words, when they are compared, then their first 64 letters count, and the next one does not", () => {
  // At most two letters may be others.
  const option = "a".repeat(65);
  const withOthers = (first: number, last: number): string =>
    [...option].map((letter, index) => (index + 1 >= first && index + 1 <= last ? "b" : letter)).join("");
  assert.is(nearestOf(withOthers(63, 64), [option]), option, "2 others");
  assert.is(nearestOf(withOthers(63, 65), [option]), option, "the 3rd is not looked at");
  assert.is(nearestOf(withOthers(62, 64), [option]), undefined, "3 others");
});

test("given a value of as many letters as are shown, then all are; of one more, then a sign stands for the rest", () => {
  const shown = (letters: number): string =>
    refused(() => openMachine({ memory: "2M", kernel, shift: given("x".repeat(letters)) })).message;
  assert.match(shown(40), `"${"x".repeat(40)}"`);
  assert.match(shown(41), `"${"x".repeat(40)}…"`);
});

test.run();
