/** Saved states whose checksums and hash are right, and that no machine of their configuration can be in. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { MachineState } from "../../../../src/machine/state.js";
import type { PlatformState } from "../../../../src/reducers/platform.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { loadState, saveState, StateError } from "../../../../src/streams/store/saved-state/index.js";
import { spinning } from "../../../support/tiny-guests.js";
import { demoOptions } from "../../../support/demo-guest.js";

const { machine } = openMachine({
  ...demoOptions,
  virtio: ["rng"],
  drives: [{ file: new Uint8Array(65_536) }],
  nics: [{}],
});
const sound = machine.state();
const { platform } = sound;

const withPlatform = (parts: Partial<PlatformState>): MachineState => ({
  ...sound,
  platform: { ...platform, ...parts },
});

/** The state whose virtio devices are those that `forge` makes of the sound ones. */
const withVirtio = (forge: (unit: PlatformState["virtio"][number]) => object): MachineState =>
  withPlatform({ virtio: platform.virtio.map(forge) as unknown as PlatformState["virtio"] });

const withDevice = (kind: string, facts: object): MachineState =>
  withVirtio((unit) => (unit.device.kind === kind ? { ...unit, device: { ...unit.device, ...facts } } : unit));

function expectRefused(forged: MachineState, section: string, why: RegExp): void {
  try {
    loadState(saveState(forged));
  } catch (fault) {
    if (!(fault instanceof StateError)) throw fault;
    assert.is(fault.code, "INVALID");
    assert.is(fault.place.section, section);
    assert.match(fault.message, why);
    return;
  }
  assert.unreachable("it was loaded");
}

test("given the sound state, then it is loaded: the others are refused for their own reason", () => {
  assert.is(loadState(saveState(sound), sound).position.icount, 0);
});

test("given one hart more or less than the machine has, then the state is refused", () => {
  expectRefused({ ...sound, harts: [] }, "harts", /0 of them, its machine 1/);
  expectRefused({ ...sound, harts: [...sound.harts, ...sound.harts] }, "harts", /2 of them, its machine 1/);
});

const several = openMachine({ memory: "2M", smp: 4, kernel: spinning(), seed: "forged" }).machine;
several.run(120_000);
const turns = several.state();
const withSchedule = (forged: Partial<MachineState["schedule"]>): MachineState => ({
  ...turns,
  schedule: { ...turns.schedule, ...forged },
});

test("given a turn that can't be, then the state is refused, and the field is named", () => {
  const { sinceIcount, retired } = turns.schedule;
  assert.is(loadState(saveState(turns)).schedule.hart, 2);
  for (const [forged, why] of [
    [{ hart: 4 }, /turn of hart 4, which is not there/],
    [{ sinceIcount: 120_001 }, /began at 120001, after 120000/],
    [{ untilIcount: sinceIcount - 1 }, /from 100000 on ended at 99999/],
    [{ retired: retired.with(0, 1) }, /had retired 50001 instructions at 100000/],
    [{ retired: retired.slice(1) }, /3 of them, its machine 4/],
    [{ priorities: [0] }, /1 of them, its machine 4/],
  ] as const)
    try {
      loadState(saveState(withSchedule(forged)));
      assert.unreachable(JSON.stringify(forged));
    } catch (fault) {
      assert.instance(fault, StateError, String(fault));
      assert.is((fault as StateError).place.section ?? "schedule", "schedule");
      assert.match((fault as StateError).message, why);
    }
});

test("given a turn that is over already, when the state is loaded, then it is given on, and the machine goes on", () => {
  const { sinceIcount } = turns.schedule;
  const loaded = loadState(saveState(withSchedule({ untilIcount: sinceIcount })));
  several.load(loaded);
  assert.is(several.hart, 3);
  assert.is(several.run(120_100), "arrived");
  several.load(turns);
});

test("given one virtio slot more or less than there are, then the state is refused", () => {
  const { virtio } = platform;
  expectRefused(withPlatform({ virtio: virtio.slice(1) }), "platform.virtio", /7 of them, its machine 8/);
  expectRefused(withPlatform({ virtio: [...virtio, ...virtio.slice(7)] }), "platform.virtio", /9 of them/);
});

test("given registers for another number of harts, then the state is refused", () => {
  const { clint, plic } = platform;
  for (const name of ["msip", "mtimecmp", "timerRaised"] as const) {
    expectRefused(withPlatform({ clint: { ...clint, [name]: [] } }), "platform.clint", /configuration/);
  }
  for (const name of ["priority", "enable", "threshold", "claimed"] as const) {
    const one = plic[name].slice(1);
    expectRefused(withPlatform({ plic: { ...plic, [name]: one } }), "platform.plic", /configuration/);
  }
  const enable = plic.enable.map((words) => [...words, 0]);
  expectRefused(withPlatform({ plic: { ...plic, enable } }), "platform.plic", /configuration/);
});

test("given a virtio device that is not the slot's, or has other queues, then the state is refused", () => {
  const section = "platform.virtio";
  const [first] = platform.virtio;
  expectRefused(
    withVirtio((unit) => ({ ...first, slot: unit.slot })),
    section,
    /configuration/,
  );
  expectRefused(
    withVirtio((unit) => ({ ...unit, slot: 7 - unit.slot })),
    section,
    /configuration/,
  );
  expectRefused(
    withVirtio((unit) => ({ ...unit, queues: unit.queues.slice(1) })),
    section,
    /configuration/,
  );
});

test("given a disk or a card that is not as the machine's configuration says, then the state is refused", () => {
  const section = "platform.virtio";
  expectRefused(withDevice("blk", { sectors: 129 }), section, /configuration/);
  expectRefused(withDevice("blk", { readOnly: true }), section, /configuration/);
  expectRefused(withDevice("blk", { serial: "other" }), section, /configuration/);
  expectRefused(withDevice("net", { permanentMac: "52:54:00:12:34:57" }), section, /configuration/);
});

test("given deferred work that no device of the machine has, then the state is refused", () => {
  const pending = (id: string): MachineState => withPlatform({ bottomHalves: { pending: [{ id, oneshot: false }] } });
  assert.ok(loadState(saveState(pending("virtio0/queue0"))), "work of the rng is its own");
  for (const id of ["", "x", "virtio0", "virtio0/queue1", "virtio3/queue0", "virtio8/queue0", "virtio99/other"]) {
    expectRefused(pending(id), "platform.bottomHalves", /no device of its machine defers the work/);
  }
});

test.run();
