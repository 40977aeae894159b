/** `info mtree`: what lies at which physical address. */
import { DRAM_BASE, MROM } from "../../../machine/memory-map.js";
import { devices } from "../../../reducers/devices.js";
import { hex64 } from "../../../reducers/hex.js";
import type { MachineConfig } from "../../../reducers/machine-config.js";

export const memoryMapText = (config: MachineConfig): string =>
  [
    { label: "mrom", place: MROM },
    ...devices(config),
    { label: "ram", place: { base: DRAM_BASE, sizeBytes: config.memoryBytes } },
  ]
    .sort((a, b) => a.place.base - b.place.base)
    .map(({ label, place: { base, sizeBytes } }) => `${hex64(base)}-${hex64(base + sizeBytes - 1)}: ${label}`)
    .join("\n");
