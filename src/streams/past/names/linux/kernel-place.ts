/**
 * Where a Linux kernel runs: its image lies somewhere in RAM, and its page tables map it into the highest 2 GiB. Where
 * addresses are randomized (CONFIG_RANDOMIZE_BASE) it is moved there by a multiple of 2 MiB.
 */
import { physicalAddressOf, readPhysical, seenBy, type Inspected } from "../../../../machine/inspect.js";
import { readLinuxImageHeader } from "../../../../machine/linux-image.js";
import { DRAM_BASE } from "../../../../machine/memory-map.js";

export interface KernelPlace {
  /** Of the first byte of the image, as the kernel sees it. */
  readonly virtual: bigint;
  readonly physical: bigint;
  /** With its .bss, as far as it lies in RAM. */
  readonly byteLength: number;
}

/** Debian's has 34 MB. */
export const MAX_KERNEL_BYTES = 1 << 27;

/** Undefined: no page table of a hart maps one. */
export function findKernel(inspected: Inspected): KernelPlace | undefined {
  for (const view of addressSpaces(inspected)) {
    for (let moved = 0n; moved < FARTHEST_MOVE; moved += MOVE_STEP) {
      const virtual = LINK_ADDRESS + moved;
      const physical = physicalAddressOf(view, virtual);
      const byteLength = physical === undefined ? undefined : kernelBytesAt(inspected, physical);
      if (physical !== undefined && byteLength !== undefined) return { virtual, physical, byteLength };
    }
  }
  return undefined;
}

/** As a hart sees it whose page tables map this kernel; undefined: none does (any more). */
export const kernelView = (inspected: Inspected, { virtual, physical }: KernelPlace): Inspected | undefined =>
  addressSpaces(inspected).find((view) => physicalAddressOf(view, virtual) === physical);

/** KERNEL_LINK_ADDR: Linux, arch/riscv/include/asm/pgtable.h. */
const LINK_ADDRESS = 0xffff_ffff_8000_0000n;
/** PMD_SIZE and PUD_SIZE: setup_vm() in arch/riscv/mm/init.c. */
const MOVE_STEP = 1n << 21n;
const FARTHEST_MOVE = 1n << 30n;
const HEADER_BYTES = 64;
const MODE_SHIFT = 60n;

/** One for each page table that a hart has in use, also of a hart that is in M mode. */
function addressSpaces(inspected: Inspected): readonly Inspected[] {
  const seen = new Map<bigint, Inspected>();
  inspected.harts.forEach(({ fields: { satp } }, hart) => {
    if (satp >> MODE_SHIFT !== 0n && !seen.has(satp)) seen.set(satp, seenBy(inspected, hart));
  });
  return [...seen.values()];
}

function kernelBytesAt(inspected: Inspected, physical: bigint): number | undefined {
  const left = DRAM_BASE + inspected.ram.byteLength - Number(physical);
  if (physical < BigInt(DRAM_BASE) || left < HEADER_BYTES) return undefined;
  const header = readPhysical(inspected, physical, HEADER_BYTES);
  const image = header === undefined ? undefined : readLinuxImageHeader(header);
  if (image === undefined) return undefined;
  return Math.min(Number(image.imageBytes), MAX_KERNEL_BYTES, left);
}
