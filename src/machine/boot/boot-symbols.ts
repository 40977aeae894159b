/**
 * Names for the boot images, at the addresses where they were placed. A position-independent program does not run where
 * it was linked.
 */
import { isElf } from "../elf.js";
import { readSymbols, type Symbol } from "../symbol-table.js";
import type { BootConfiguration } from "./boot.js";
import { placePrograms } from "./placement.js";

/**
 * Symbols of the firmware and the kernel, if they are ELF files with symbols. @throws {BootError} @throws {ElfError}
 */
export function bootSymbols(configuration: Pick<BootConfiguration, "memoryBytes" | "bios" | "kernel">): Symbol[] {
  const { bios, kernel } = configuration;
  const { firmware, program } = placePrograms(configuration);
  return (
    [
      ["bios", bios, firmware],
      ["kernel", kernel, program],
    ] as const
  ).flatMap(([role, bytes, placed]) =>
    bytes !== undefined && isElf(bytes)
      ? readSymbols(bytes, role).map((symbol) => ({ ...symbol, address: symbol.address + (placed?.movedBy ?? 0n) }))
      : [],
  );
}
