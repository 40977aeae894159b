// Names in the monitor of a machine that runs: those of its images and, as soon as it is there, of its kernel.
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Machine } from "../../../../src/machine/machine.js";
import { positionOf } from "../../../../src/reducers/position.js";
import { LiveNames } from "../../../../src/streams/session/target/live-names.js";
import { LiveTarget } from "../../../../src/streams/session/target/live-target.js";
import { Monitor } from "../../../../src/streams/session/monitor/monitor.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { DEMO_ELF } from "../../../support/demo-guest.js";
import { TinyLinux } from "../../../support/tiny-linux.js";
import { spinning } from "../../../support/tiny-guests.js";

const LINK_READ = 0x8000_123cn;

const monitorOf = (machine: Machine, names: LiveNames): Monitor =>
  new Monitor(
    new LiveTarget(machine, {
      names,
      isStopped: true,
      recordingName: undefined,
      reset: () => undefined,
      quit: () => undefined,
    }),
  );

test("given a kernel with debugging information, then its monitor knows lines and types, as that of a replay", async () => {
  const { machine, images } = openMachine({ memory: "8M", bios: "none", kernel: DEMO_ELF, seed: "x" });
  const names = new LiveNames(machine, images, []);
  assert.match(String(names.names.lineAt(LINK_READ)?.file), /link\.c$/);
  const monitor = monitorOf(machine, names);
  assert.match(await monitor.execute("print link"), /^\{count = 0, head = 0, /);
  assert.match(await monitor.execute("info symbol main"), /is main$/);
});

test("given a file that was named, then its names are there too", () => {
  const { machine, images } = openMachine({ memory: "2M", bios: "none", kernel: spinning(), seed: "x" });
  assert.is(new LiveNames(machine, images, []).names.has("main"), false);
  const files = [
    {
      title: "more",
      symbols: () => [{ name: "main", address: 0x8000_0000n, sizeBytes: 4n, kind: "function" as const }],
    },
  ];
  assert.is(new LiveNames(machine, images, files).names.of(0x8000_0000n), "main");
});

test("given a Linux guest, when its kernel comes to memory, then its names and tasks are there; when it goes, they are not", async () => {
  const linux = new TinyLinux();
  const state = linux.state();
  const machine = new Machine(state);
  const names = new LiveNames(machine, { bios: readFileSync(DEMO_ELF) }, []);
  const blank = { ...state, harts: state.harts.map((hart) => ({ ...hart, fields: { ...hart.fields, satp: 0n } })) };
  machine.load(blank);
  assert.is(names.kernel, undefined);
  assert.is(names.names.has("vfs_read"), false);
  const monitor = monitorOf(machine, names);
  assert.match(await monitor.execute("task"), /No task is known/);

  machine.load({ ...state, position: positionOf(0, 1) });
  const there = names.names;
  assert.is(there.of(linux.address("vfs_read")), "vfs_read");
  assert.match(await monitor.execute("task"), /^pid \d+, process \d+, /);
  machine.load({ ...state, position: positionOf(0, 2) });
  assert.is(names.names, there, "a table of the same symbols is not made anew");

  machine.load({ ...blank, position: positionOf(0, 3) });
  assert.is(names.names.has("vfs_read"), false);
});

test.run();
