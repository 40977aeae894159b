/**
 * SiFive's test finisher: a store ends or resets the machine (QEMU's sifive_test; syscon poweroff and reboot in the
 * device tree).
 */
import * as t from "io-ts";

import type { BusAccess, Device } from "./device.js";
import { NO_EFFECTS, type Effect } from "./effect.js";
import { NO_EVENTS, type NoEvents } from "./event-table.js";

/** The device has no state. */
export const TestFinisherState = t.readonly(t.record(t.string, t.undefined));
export type TestFinisherState = t.TypeOf<typeof TestFinisherState>;

const FAIL = 0x3333;
const PASS = 0x5555;
const RESET = 0x7777;
const END = 0x1000;

export const testFinisher: Device<"testFinisher", TestFinisherState, NoEvents> = {
  name: "testFinisher",
  model: "riscv.sifive.test",
  place: { base: 0x0010_0000, sizeBytes: 0x1000 },
  codec: TestFinisherState,
  initialState: () => ({}),
  events: NO_EVENTS,
  step: (state, event) => [state, requested(event)],
  accepts: ({ offset, width }) => offset % width === 0 && offset < END && (width === 2 || width === 4),
  load: () => 0n,
  loadHasEffect: () => false,
  canTake: () => true,
  node: {
    name: "test",
    properties: ["phandle", "reg", ["compatible", ["sifive,test1", "sifive,test0", "syscon"]]],
    syscons: { poweroff: PASS, reboot: RESET },
  },
};

const requested = (event: BusAccess): readonly Effect[] => {
  if (event.type !== "bus/stored" || event.offset !== 0) return NO_EFFECTS;
  const code = Number((event.value >> 16n) & 0xffffn);
  switch (Number(event.value & 0xffffn)) {
    case FAIL:
      return [{ type: "power/requested", request: "panic", code }];
    case PASS:
      return [{ type: "power/requested", request: "shutdown", code: 0 }];
    case RESET:
      return [{ type: "power/requested", request: "reset", code: 0 }];
    default:
      return NO_EFFECTS;
  }
};
