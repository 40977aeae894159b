/** What two states, one behind the other, show of the stores between them. */
import type { MemoryRange } from "../../../machine/engine/probes.js";
import { DRAM_BASE } from "../../../machine/memory-map.js";
import { RAM_PAGE_BYTES } from "../../../machine/ram.js";
import type { KeptState } from "../kept-states.js";

/** A page that both states share was not written in between. A page of zeros is shared by all, so it says nothing. */
export function mayBeWritten(ranges: readonly MemoryRange[], before: KeptState, after: KeptState): boolean {
  return ranges.some(({ address }) => {
    const page = Math.floor((address - DRAM_BASE) / RAM_PAGE_BYTES);
    const now = after.version(page);
    return now === undefined || now !== before.version(page);
  });
}
