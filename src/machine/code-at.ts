/** Reads the instruction at a virtual address without fetching it. It changes neither the machine nor a cache. */
import type { Engine } from "./engine/engine.js";
import { physicalAddress } from "./hart/peek.js";
import { PTE_BYTES } from "./hart/sv39.js";
import { DRAM_BASE, MEMORY_MAP } from "./memory-map.js";

export interface Whereabouts {
  readonly pc: bigint;
  readonly privilege: bigint;
  readonly satp: bigint;
}

export const whereaboutsOf = ({ registers }: Engine): Whereabouts => ({
  pc: registers.field("pc"),
  privilege: registers.field("privilege"),
  satp: registers.field("satp"),
});

/** The instruction that the hart would fetch now; undefined: it would find none. */
export function codeAt(engine: Engine, virtual: bigint): number | undefined {
  const low = halfwordAt(engine, virtual);
  if (low === undefined || (low & 3) !== 3) return low;
  const high = halfwordAt(engine, virtual + 2n);
  return high === undefined ? undefined : (low | (high << 16)) >>> 0;
}

function halfwordAt(engine: Engine, virtual: bigint): number | undefined {
  const physical = physicalAddress(whereaboutsOf(engine), virtual, (entry) =>
    memoryAt(engine, entry, PTE_BYTES)?.getBigUint64(0, true),
  );
  return physical === undefined ? undefined : memoryAt(engine, physical, 2)?.getUint16(0, true);
}

/** Bytes of RAM or ROM. */
function memoryAt({ ram, rom }: Engine, physical: bigint, length: number): DataView | undefined {
  for (const [base, bytes] of [
    [DRAM_BASE, ram],
    [MEMORY_MAP.mrom.base, rom],
  ] as const) {
    const offset = physical - BigInt(base);
    if (offset >= 0n && offset + BigInt(length) <= BigInt(bytes.length))
      return new DataView(bytes.buffer, bytes.byteOffset + Number(offset), length);
  }
  return undefined;
}
