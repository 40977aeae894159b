/** A machine as it is right behind a store, of which a probe tells before it is done. */
import type { Probed } from "../../../machine/engine/probes.js";
import type { Inspected } from "../../../machine/inspect.js";
import { bytesOfInteger } from "../../../machine/little-endian.js";
import { DRAM_BASE } from "../../../machine/memory-map.js";

type Stored = Extract<Probed, { type: "memory/stored" }>;

/** Its memory is that; registers and pc are those of the instruction, which changes no other register. */
export function afterStore(at: Inspected, { address, bytes, value }: Stored): Inspected {
  const stored = bytesOfInteger(value, bytes);
  const from = address - DRAM_BASE;
  const { ram } = at;
  const read = (offset: number, length: number): Uint8Array => {
    const memory = Uint8Array.from(ram.read(offset, length));
    const first = Math.max(from, offset);
    const part = stored.subarray(first - from, Math.max(first, Math.min(from + bytes, offset + length)) - from);
    memory.set(part, Math.min(first - offset, length));
    return memory;
  };
  return Object.create(at, {
    ram: { value: { byteLength: ram.byteLength, read }, enumerable: true },
  }) as Inspected;
}
