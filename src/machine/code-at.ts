/** The instruction at a virtual address, read without fetching it: nothing of the machine changes, and no cache. */
import type { EngineMemory } from "./engine/engine-memory.js";
import { FIELD, RAM_BASE, ROM_BASE, ROM_BYTES, type Layout } from "./engine/layout.js";
import { physicalAddress } from "./hart/peek.js";

export interface Whereabouts {
  readonly pc: bigint;
  readonly privilege: bigint;
  readonly satp: bigint;
}

export const whereaboutsOf = (memory: EngineMemory): Whereabouts => ({
  pc: memory.word(FIELD.pc),
  privilege: memory.word(FIELD.privilege),
  satp: memory.word(FIELD.satp),
});

/** As the hart would fetch it now; undefined where it would find none. */
export function codeAt(memory: EngineMemory, virtual: bigint): number | undefined {
  const low = halfwordAt(memory, virtual);
  if (low === undefined || (low & 3) !== 3) return low;
  const high = halfwordAt(memory, virtual + 2n);
  return high === undefined ? undefined : (low | (high << 16)) >>> 0;
}

function halfwordAt(memory: EngineMemory, virtual: bigint): number | undefined {
  const { view, layout } = memory;
  const at = physicalAddress(whereaboutsOf(memory), virtual, (physical) => {
    const offset = ramOffset(layout, physical);
    return offset === undefined ? undefined : view.getBigUint64(layout.ram + offset, true);
  });
  const offset = at === undefined ? undefined : ramOffset(layout, at);
  return offset === undefined ? undefined : view.getUint16(layout.ram + offset, true);
}

/** From the start of RAM; ROM follows it. */
function ramOffset({ ramBytes }: Layout, physical: bigint): number | undefined {
  if (physical >= BigInt(RAM_BASE) && physical < BigInt(RAM_BASE + ramBytes)) return Number(physical) - RAM_BASE;
  if (physical >= BigInt(ROM_BASE) && physical < BigInt(ROM_BASE + ROM_BYTES))
    return ramBytes + Number(physical) - ROM_BASE;
  return undefined;
}
