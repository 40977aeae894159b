/** The ranges of RAM that images take. They must lie in RAM, and must not overlap. */
import { DRAM_BASE } from "../memory-map.js";
import { BootError } from "./boot-error.js";
import { hexAddress } from "../../reducers/hex.js";

export interface Range {
  readonly name: string;
  readonly start: number;
  /** The first address after the range, zeros included. */
  readonly end: number;
  readonly bytes: Uint8Array;
}

export const checkInMemory = ({ name, start, end }: Range, memoryBytes: number): void => {
  const memoryEnd = DRAM_BASE + memoryBytes;
  if (start >= DRAM_BASE && end <= memoryEnd) return;
  throw new BootError(
    "BOOT_OUTSIDE_MEMORY",
    `The ${name} does not fit: it needs ${interval(start, end)}, and RAM is ${interval(DRAM_BASE, memoryEnd)}. ` +
      // More memory extends RAM only at its end.
      (start < DRAM_BASE
        ? "Link the image for addresses in RAM, or take its raw binary (.bin), which goes to the start of RAM."
        : "Give the machine more memory, or link the image for addresses in it."),
  );
};

export const checkOverlap = (ranges: readonly Range[]): void => {
  const sorted = [...ranges].sort((a, b) => a.start - b.start);
  for (const [index, range] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next === undefined || !overlaps(range, next)) continue;
    throw new BootError(
      "BOOT_IMAGES_OVERLAP",
      `The ${range.name} (${interval(range.start, range.end)}) and the ${next.name} ` +
        `(${interval(next.start, next.end)}) overlap. ${remedyOf([range.name, next.name])}`,
    );
  }
};

/** What the size of RAM moves lies behind the programs. */
const remedyOf = (names: readonly string[]): string =>
  names.includes("initrd") || names.includes("dtb")
    ? "Give the machine more memory, or link one of them elsewhere."
    : "Link the kernel for addresses behind the bios, or, if it needs no firmware, give none as the bios.";

export const overlaps = (a: Range, b: Range): boolean => a.start < b.end && b.start < a.end;
const interval = (start: number, end: number): string => `${hexAddress(start)}..${hexAddress(end)}`;
