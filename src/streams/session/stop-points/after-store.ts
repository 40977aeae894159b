/** A machine as it is right behind a store, of which a probe tells before it is done. */
import type { Probed } from "../../../machine/engine/probes.js";
import type { Inspected } from "../../../machine/inspect.js";
import { bytesOfInteger } from "../../../machine/little-endian.js";
import { DRAM_BASE } from "../../../machine/memory-map.js";
import { overlaid } from "../../../machine/overlaid.js";

type Stored = Extract<Probed, { type: "memory/stored" }>;

/** Its memory is that; registers and pc are those of the instruction, which changes no other register. */
export function afterStore(at: Inspected, { address, bytes, value }: Stored): Inspected {
  const stored = { address, bytes: bytesOfInteger(value, bytes) };
  const { ram } = at;
  const read = (offset: number, length: number): Uint8Array =>
    overlaid({ address: DRAM_BASE + offset, bytes: ram.read(offset, length) }, [stored]);
  return Object.create(at, {
    ram: { value: { byteLength: ram.byteLength, read }, enumerable: true },
  }) as Inspected;
}
