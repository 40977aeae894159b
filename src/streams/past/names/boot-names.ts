/** The names that a recording's boot images tell, at the addresses where they were placed. */
import { bootPrograms, bootSymbols } from "../../../machine/boot/boot-symbols.js";
import type { Images } from "../../../machine/initial-state.js";
import { DwarfError, dwarfNames } from "./dwarf/index.js";
import type { NameSource } from "./name-source.js";

/** Earlier ones first. @throws {BootError} @throws {ElfError} */
export function bootNames(memoryBytes: number, images: Images): readonly NameSource[] {
  const told = bootPrograms({ memoryBytes, ...images }).flatMap(({ role, bytes, movedBy }) => {
    const names = whereReadable(() => dwarfNames(bytes, `The ${role}`, movedBy), undefined);
    return names === undefined ? [] : [withoutSymbols(names)];
  });
  return [{ title: "the images", symbols: () => bootSymbols({ memoryBytes, ...images }) }, ...told];
}

/**
 * An image can't be exchanged for one whose debugging information is read: its recording knows its digest. So what only
 * adds to an answer, such as the line of an instruction, is left out. What is asked for by name is refused with the
 * reason.
 */
const withoutSymbols = (names: NameSource): NameSource => ({
  title: names.title,
  symbols: () => [],
  linesAt: (pc) => whereReadable(() => names.linesAt?.(pc), []) ?? [],
  functionCode: (pc) => whereReadable(() => names.functionCode?.(pc), undefined),
  addressesOf: (file, line) => names.addressesOf?.(file, line) ?? [],
  linesOf: (file) => names.linesOf?.(file) ?? [],
  sourceFiles: () => whereReadable(() => names.sourceFiles?.(), []) ?? [],
  variable: (name, pc, within) => names.variable?.(name, pc, within),
  variablesAt: (pc, within) => whereReadable(() => names.variablesAt?.(pc, within), []) ?? [],
  globalsAt: (pc) => whereReadable(() => names.globalsAt?.(pc), []) ?? [],
  typeNamed: (name) => names.typeNamed?.(name),
  functionType: (name) => names.functionType?.(name),
  unwindRules: (pc) => whereReadable(() => names.unwindRules?.(pc), undefined),
});

function whereReadable<T>(ask: () => T, otherwise: T): T {
  try {
    return ask();
  } catch (fault) {
    if (fault instanceof DwarfError) return otherwise;
    throw fault;
  }
}
