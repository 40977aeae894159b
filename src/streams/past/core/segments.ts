/** What a core says of memory: which bytes of it lie where, by physical and by virtual address. */
import type { Mapping } from "../../../machine/hart/mapped.js";
import { DRAM_BASE } from "../../../machine/memory-map.js";
import type { Stretch } from "./stretches.js";

/** A PT_LOAD. */
export interface Segment {
  readonly virtual: bigint;
  /** From the start of RAM. */
  readonly ramOffset: number;
  readonly bytes: number;
  /** Of them, in the file; zeros follow. */
  readonly fileBytes: number;
  /** From where RAM begins in the file. */
  readonly dataOffset: number;
}

export interface Segments {
  readonly segments: readonly Segment[];
  /** False: virtual addresses beyond the bound are left out. */
  readonly isWhole: boolean;
}

/** With what no mapping reaches, fewer than the 65,535 that an ELF header can count. */
export const MAX_MAPPED_SEGMENTS = 30_000;

/**
 * A segment for each mapping to RAM. RAM that no mapping reaches has its physical address as virtual one too, as a hart
 * without translation sees it. So all of RAM is there by physical address.
 */
export function segmentsOf(stretches: readonly Stretch[], mappings: readonly Mapping[]): Segments {
  const all = mappings.flatMap((mapping) => {
    const part = inRam(mapping, stretches);
    return part === undefined ? [] : split(part, stretches);
  });
  const mapped = all.slice(0, MAX_MAPPED_SEGMENTS);
  const unmapped = unreached(mapped, stretches).flatMap((part) => split(part, stretches));
  return { segments: [...mapped, ...unmapped], isWhole: mapped.length === all.length };
}

interface Part {
  readonly virtual: bigint;
  readonly ramOffset: number;
  readonly bytes: number;
}

/** Devices and ROM are no memory of a core. */
function inRam({ virtual, physical, bytes }: Mapping, stretches: readonly Stretch[]): Part | undefined {
  const last = stretches.at(-1);
  const ramBytes = BigInt((last?.ramOffset ?? 0) + (last?.bytes ?? 0));
  const offset = physical - BigInt(DRAM_BASE);
  const [start, end] = [offset < 0n ? 0n : offset, offset + bytes < ramBytes ? offset + bytes : ramBytes];
  if (start >= end) return undefined;
  return { virtual: virtual + (start - offset), ramOffset: Number(start), bytes: Number(end - start) };
}

function split({ virtual, ramOffset, bytes }: Part, stretches: readonly Stretch[]): readonly Segment[] {
  const segments: Segment[] = [];
  for (let at = indexOf(stretches, ramOffset); at < stretches.length; at += 1) {
    const stretch = stretches[at];
    if (stretch === undefined || stretch.ramOffset >= ramOffset + bytes) break;
    const start = Math.max(ramOffset, stretch.ramOffset);
    const end = Math.min(ramOffset + bytes, stretch.ramOffset + stretch.bytes);
    const within = start - stretch.ramOffset;
    segments.push({
      virtual: virtual + BigInt(start - ramOffset),
      ramOffset: start,
      bytes: end - start,
      fileBytes: Math.max(0, Math.min(end - start, stretch.dataBytes - within)),
      dataOffset: stretch.dataOffset + Math.min(within, stretch.dataBytes),
    });
  }
  return segments;
}

/** The stretch that a place of RAM is in. */
function indexOf(stretches: readonly Stretch[], ramOffset: number): number {
  let [low, high] = [0, stretches.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((stretches[middle]?.ramOffset ?? 0) <= ramOffset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function unreached(segments: readonly Segment[], stretches: readonly Stretch[]): readonly Part[] {
  const parts: Part[] = [];
  const add = (from: number, to: number): void => {
    if (to > from) parts.push({ virtual: BigInt(DRAM_BASE + from), ramOffset: from, bytes: to - from });
  };
  let reached = 0;
  for (const { ramOffset, bytes } of [...segments].sort((a, b) => a.ramOffset - b.ramOffset)) {
    add(reached, ramOffset);
    reached = Math.max(reached, ramOffset + bytes);
  }
  const last = stretches.at(-1);
  add(reached, (last?.ramOffset ?? 0) + (last?.bytes ?? 0));
  return parts;
}
