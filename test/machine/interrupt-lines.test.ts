import { test } from "uvu";
import * as assert from "uvu/assert";

import { InterruptLines, interruptLinesOf } from "../../src/machine/interrupt-lines.js";
import type { Unit } from "../../src/reducers/devices.js";
import { devices } from "../../src/reducers/devices.js";
import { goldfishRtc } from "../../src/reducers/goldfish-rtc.js";
import { initialPlatform, stateOf } from "../../src/reducers/platform.js";
import { plic } from "../../src/reducers/plic.js";
import { uart16550 } from "../../src/reducers/uart16550.js";
import * as virtio from "../../src/reducers/virtio/virtio.js";
import { NOWHEN, stepped } from "../reducers/stepped.js";

const CONFIG = { harts: 1, virtio: ["rng", "none", "console"] } as const;
const MEIP = 1 << 11;
const MTIP = 1 << 7;

/** A machine's devices, with the UART wired to another source, and that source enabled for M mode. */
const wiredTo = (source: number) => {
  const units: readonly Unit[] = devices(CONFIG).map((unit) =>
    unit.device.name === "uart16550" ? { ...unit, place: { ...unit.place, source } } : unit,
  );
  const { reduce } = stepped(plic);
  const platform = initialPlatform(CONFIG);
  const states: unknown[] = units.map((unit) => stateOf(platform, unit));
  const at = (name: string): number => units.findIndex(({ device }) => device.name === name);
  const store = (state: typeof platform.plic, offset: number, value: number) =>
    reduce(state, { type: "bus/stored", offset, width: 4, value: BigInt(value >>> 0) });
  states[at("plic")] = store(store(platform.plic, source * 4, 1), 0x2000 + (source >> 5) * 4, 1 << (source & 31));
  return { units, states, uart: at("uart16550"), lines: new InterruptLines(units, states, 1) };
};

test("given interrupts of several devices, when the lines are asked for, then each is at QEMU's source", () => {
  const platform = initialPlatform(CONFIG);
  const config = { ...CONFIG, memoryBytes: 0, shift: 0, append: null, rngSeed: "" };
  assert.equal([...interruptLinesOf({ config, platform }).sources], [0, 0, 0]);
  const uart = stepped(uart16550).reduce(platform.uart16550, { type: "bus/stored", offset: 1, width: 1, value: 2n });
  const raised = virtio.reduce(
    { ...virtio.initialState(2, "console"), status: virtio.STATUS_DRIVER_OK },
    { type: "virtio/queueBroken", queue: 0 },
  );
  const all = {
    ...platform,
    uart16550: uart,
    virtio: platform.virtio.with(2, raised),
    goldfishRtc: { ...platform.goldfishRtc, interruptPending: true, interruptEnabled: true },
  };
  assert.ok(goldfishRtc.interruptLine?.(all.goldfishRtc));
  assert.equal([...interruptLinesOf({ config, platform: all }).sources], [(1 << 10) | (1 << 11) | (1 << 3), 0, 0]);
});

test("given a device at any source of the PLIC's, when its line rises and falls, then the hart sees both", () => {
  for (const source of [1, 30, 31, 32, 63, 64, 95]) {
    const { states, uart, lines } = wiredTo(source);
    assert.is(lines.of(0), MTIP, "mtimecmp is 0 at reset");
    const idle = states[uart];
    states[uart] = uart16550.step(
      uart16550.initialState(CONFIG, 0),
      { type: "bus/stored", offset: 1, width: 1, value: 2n },
      NOWHEN,
    )[0];
    lines.changed(uart);
    assert.is(lines.of(0), MTIP | MEIP, `source ${String(source)}`);
    states[uart] = idle;
    lines.changed(uart);
    assert.is(lines.of(0), MTIP);
    assert.equal([...lines.sources], [0, 0, 0]);
  }
});

test.run();
