/**
 * Names for the boot images, at the addresses where they were placed. A position-independent program does not run where
 * it was linked.
 */
import { isElf } from "../elf.js";
import { readSymbols, type Symbol } from "../symbol-table.js";
import type { BootConfiguration } from "./boot.js";
import { placePrograms } from "./placement.js";

type Images = Pick<BootConfiguration, "memoryBytes" | "bios" | "kernel">;

/** A boot image that is an ELF file. */
export interface BootProgram {
  readonly role: "bios" | "kernel";
  readonly bytes: Uint8Array;
  /** The difference between the run address and the linked address. */
  readonly movedBy: bigint;
}

/** The firmware and the kernel, if they are ELF files. @throws {BootError} @throws {ElfError} */
export function bootPrograms(configuration: Images): readonly BootProgram[] {
  const { bios, kernel } = configuration;
  const { firmware, program } = placePrograms(configuration);
  return (
    [
      ["bios", bios, firmware],
      ["kernel", kernel, program],
    ] as const
  ).flatMap(([role, bytes, placed]) =>
    bytes !== undefined && isElf(bytes) ? [{ role, bytes, movedBy: placed?.movedBy ?? 0n }] : [],
  );
}

/** Symbols of the firmware and the kernel, if they have symbols. @throws {BootError} @throws {ElfError} */
export const bootSymbols = (configuration: Images): Symbol[] =>
  bootPrograms(configuration).flatMap(({ role, bytes, movedBy }) =>
    readSymbols(bytes, role).map((symbol) => ({ ...symbol, address: symbol.address + movedBy })),
  );
