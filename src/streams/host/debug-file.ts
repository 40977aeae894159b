/** Finds the debugging information of a program that was stripped: where gdb looks for it too. */
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** What the stripped file says of the other one. */
export interface DebugLink {
  /** NT_GNU_BUILD_ID, in hexadecimal digits. */
  readonly buildId: string | undefined;
  /** .gnu_debuglink: the name of the file. */
  readonly name: string | undefined;
}

/** Where Debian's packages put it. */
const SYSTEM_FOLDER = "/usr/lib/debug";

/** The first that is there: beside the program, below it in .debug, or in the system's folder. Undefined: none is. */
export function findDebugFile(
  program: string,
  { buildId, name }: DebugLink,
  system = SYSTEM_FOLDER,
): string | undefined {
  const path = resolve(program);
  const folder = dirname(path);
  const names = [...new Set([...(name === undefined ? [] : [basename(name)]), `${basename(path)}.debug`])];
  const byName = names.flatMap((one) => [join(folder, one), join(folder, ".debug", one), join(system, folder, one)]);
  // The first byte is the folder: it takes at least one more for a file.
  const isId = buildId !== undefined && /^[0-9a-f]{4,}$/.test(buildId);
  const byId = isId ? [join(system, ".build-id", buildId.slice(0, 2), `${buildId.slice(2)}.debug`)] : [];
  return [...byId, ...byName].find((candidate) => candidate !== path && existsSync(candidate));
}
