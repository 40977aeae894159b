/** SiFive's test finisher: a store ends or resets the machine (QEMU's sifive_test; the device tree's syscon poweroff and reboot). */
import * as t from "io-ts";

import type { Access, BusAccess, Device, Effect } from "./device.js";

/** It remembers nothing. */
export const TestFinisherState = t.readonly(t.record(t.string, t.undefined));
export type TestFinisherState = t.TypeOf<typeof TestFinisherState>;

export const initialState: TestFinisherState = {};

export const reduce = (state: TestFinisherState): TestFinisherState => state;

export const load = (): bigint => 0n;

export const loadHasEffect = (): boolean => false;

export const accepts = ({ offset, width }: Access): boolean =>
  offset % width === 0 && offset < END && (width === 2 || width === 4);

export const effects = (_: TestFinisherState, event: BusAccess): readonly Effect[] => {
  if (event.type !== "bus/stored" || event.offset !== 0) return [];
  const code = Number((event.value >> 16n) & 0xffffn);
  switch (Number(event.value & 0xffffn)) {
    case FAIL:
      return [{ type: "power/requested", request: "panic", code }];
    case PASS:
      return [{ type: "power/requested", request: "shutdown", code: 0 }];
    case RESET:
      return [{ type: "power/requested", request: "reset", code: 0 }];
    default:
      return [];
  }
};

export const interruptLine = (): boolean => false;

export const testFinisher: Device<TestFinisherState> = {
  initialState,
  reduce,
  load,
  loadHasEffect,
  accepts,
  effects,
  interruptLine,
};

const FAIL = 0x3333;
const PASS = 0x5555;
const RESET = 0x7777;
const END = 0x1000;
