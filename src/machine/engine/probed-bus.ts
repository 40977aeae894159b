/** The bus of a probed engine: it tells what devices were asked and what they answered. */
import { addressOf } from "../physical-address.js";
import type { Bus } from "./engine.js";
import type { DeviceProbed, ProbeGate } from "./probes.js";

interface Accessing {
  icount(): number;
  /** Whether the access that was just made waits for the host's answer: its instruction starts again. */
  mustRestart(): boolean;
}

export function probedBus(bus: Bus, gate: ProbeGate, accessing: Accessing): Bus {
  const tell = (type: DeviceProbed["type"], high: number, low: number, bytes: number, value?: bigint): void => {
    if (!gate.wantsDevices || accessing.mustRestart()) return;
    gate.accessed(accessing.icount(), { type, address: addressOf(high, low), bytes, value });
  };
  return {
    load(high, low, width) {
      const value = bus.load(high, low, width);
      tell("device/loaded", high, low, width, value);
      return value;
    },
    store(high, low, width, value) {
      const isAnswered = bus.store(high, low, width, value);
      tell("device/stored", high, low, width, isAnswered ? value : undefined);
      return isAnswered;
    },
  };
}
