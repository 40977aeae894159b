/** Guest RAM for devices. The engine learns what they write. */
import type { Engine } from "./engine/engine.js";
import { DRAM_BASE } from "./memory-map.js";
import type { GuestMemory } from "./virtio/guest-memory.js";

export function ramAccess(engine: Engine): GuestMemory {
  const { ram } = engine;
  const offsetOf = (address: bigint, length: number): number | undefined => {
    const offset = address - BigInt(DRAM_BASE);
    return offset >= 0n && offset + BigInt(length) <= BigInt(ram.length) ? Number(offset) : undefined;
  };
  return {
    has: (address, length) => offsetOf(address, length) !== undefined,
    read: (address, length, to) => {
      const offset = offsetOf(address, length);
      return offset === undefined ? undefined : engine.readRam(offset, length, to);
    },
    write: (address, bytes, from) => {
      const offset = offsetOf(address, bytes.length);
      if (offset === undefined) return false;
      if (bytes.length > 0) engine.writeRam(offset, bytes, "device", from);
      return true;
    },
  };
}
