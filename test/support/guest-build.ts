// Builds the guests that are committed as ELF files, with the compiler that made those.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { requires, skip } from "./requires.js";
import { withTemporaryFolder } from "./temporary-folder.js";

const COMPILER = "riscv64-unknown-elf-gcc";
const COMPILER_VERSION = "12.2.0";

/** Where a guest is, and its file that is committed. */
const guestFolder = (guest: string): string => fileURLToPath(new URL(`../../guests/${guest}/`, import.meta.url));
export const guestElf = (guest: string): string => join(guestFolder(guest), `${guest}.elf`);

/** As `requires`. Another compiler may give other bytes, which would say nothing about the committed ones. */
export const guestCompilerFits = (name: string): boolean => {
  if (!requires(name, [COMPILER])) return false;
  const version = execFileSync(COMPILER, ["-dumpfullversion"], { encoding: "utf8" }).trim();
  return (
    version === COMPILER_VERSION || skip(name, `the ELF is built with gcc ${COMPILER_VERSION}, here is ${version}`)
  );
};

export const buildGuest = (guest: string, ...flags: readonly string[]): Promise<Buffer> =>
  withTemporaryFolder((folder) => {
    const output = join(folder, "built.elf");
    execFileSync(join(guestFolder(guest), "build.sh"), [output, ...flags]);
    return readFileSync(output);
  });
