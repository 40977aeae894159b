// The devices behind their addresses, as the machine will wire them, so that a test can access registers like a guest.
import { DeviceStates } from "../../src/machine/device-states.js";
import { BusMap, loadedAt, storedAt } from "../../src/machine/bus.js";
import type { Environment } from "../../src/reducers/device.js";
import { devices } from "../../src/reducers/devices.js";
import type { Effect } from "../../src/reducers/effect.js";
import type { EventIn, EventTable } from "../../src/reducers/event-table.js";
import * as bottomHalves from "../../src/reducers/bottom-halves.js";
import type { PlatformConfig } from "../../src/reducers/platform-config.js";
import { initialPlatform, platformOf, type PlatformState } from "../../src/reducers/platform.js";
import type { Observation, RegisterAccess } from "../support/register-access.js";

export interface PlatformBus {
  readonly platform: PlatformState;
  readonly effects: readonly Effect[];
  access(access: RegisterAccess): Observation;
}

const HOST_NS = 1_700_000_000_123_456_789n;
const LOAD_ACCESS_FAULT = 5;
const STORE_ACCESS_FAULT = 7;

/** A platform whose virtual clock stands still at `virtualNs`. */
export const platformBus = (config: PlatformConfig, virtualNs = 1_000_000_000n): PlatformBus => {
  const units = devices(config);
  const effects: Effect[] = [];
  const states = new DeviceStates(units, initialPlatform(config), config.harts, (effect) => effects.push(effect));
  const { lines, timers } = states;
  const map = new BusMap(units);
  const environment: Environment = { virtualNs, sources: lines.sources };

  const access = ({ address, width, value }: RegisterAccess): { readonly value: bigint; readonly trap: number } => {
    const index = map.unitAt(address);
    const unit = units[index];
    const offset = address - (unit?.place.base ?? 0);
    const event =
      value === undefined ? loadedAt(offset, width) : storedAt(offset, width, BigInt.asUintN(width * 8, value));
    const fault = value === undefined ? LOAD_ACCESS_FAULT : STORE_ACCESS_FAULT;
    if (unit?.device.accepts(event) !== true) return { value: 0n, trap: fault + 1 };
    const { device } = unit;
    if (device.hostWait?.asks(states.at(index), event) !== undefined)
      states.put(index, device.step(states.at(index), hostClockRead(), environment));
    const loaded = value === undefined ? device.load(states.at(index), event, environment) : 0n;
    if (value !== undefined || device.loadHasEffect(event))
      states.put(index, device.step(states.at(index), event, environment));
    return { value: loaded, trap: 0 };
  };

  return {
    get platform() {
      return platformOf(units, states.all, bottomHalves.initialState);
    },
    effects,
    access(wanted) {
      const result = access(wanted);
      const { deadlineNs, event } = timers;
      if (event !== undefined && deadlineNs !== undefined && deadlineNs <= virtualNs) {
        const clint = units.findIndex(({ device }) => device.timer !== undefined);
        const step = units[clint]?.device.step(states.at(clint), event, environment);
        if (step !== undefined) states.put(clint, step);
      }
      return { ...result, mip: BigInt(lines.of(0)) };
    },
  };
};

const hostClockRead = (): EventIn<EventTable> => ({ type: "goldfishRtc/hostClockRead", hostNs: HOST_NS });
