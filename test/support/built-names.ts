// The guest for names with debugging information of every kind, and what binutils and gdb say of it.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { bytesSource } from "../../src/streams/store/log/byte-source.js";
import { dwarfNames } from "../../src/streams/past/names/dwarf/index.js";
import type { NameSource } from "../../src/streams/past/names/name-source.js";
import { buildGuest } from "./guest-build.js";

/** How it is compiled. */
export const NAMES_BUILDS: readonly (readonly string[])[] = [
  ["-gdwarf-5", "-O2"],
  ["-gdwarf-5", "-O0"],
  ["-gdwarf-4", "-O2"],
  ["-gdwarf-4", "-O0"],
  ["-gdwarf-3", "-gstrict-dwarf", "-O2"],
  ["-gdwarf-2", "-gstrict-dwarf", "-O1"],
  ["-gdwarf-5", "-O2", "-gz"],
  ["-gdwarf-5", "-O1", "-gdwarf64"],
  ["-gdwarf-4", "-O2", "-fdebug-types-section"],
  ["-gdwarf-5", "-O0", "-fdebug-types-section"],
  ["-gdwarf-5", "-O3", "-gvariable-location-views", "-gstatement-frontiers"],
];

/** Writes it to a folder; answers the file and its names. */
export async function builtNames(folder: string, flags: readonly string[]): Promise<{ path: string; names: Names }> {
  const bytes = await buildGuest("names", ...flags);
  const path = join(folder, "names.elf");
  writeFileSync(path, bytes);
  return { path, names: namesOf(bytes) };
}

export type Names = Required<NameSource>;

export function namesOf(bytes: Uint8Array, title = "names.elf"): Names {
  const names = dwarfNames(bytesSource(bytes), title);
  if (names === undefined) throw new Error(`${title} has no debugging information`);
  return names as Names;
}

const BINUTILS = "riscv64-unknown-elf-";

export const binutils = (tool: string, ...args: readonly string[]): string =>
  execFileSync(`${BINUTILS}${tool}`, args, { encoding: "utf8", maxBuffer: 2 ** 28 });

/** Every second address of the sections with code. */
export function codeAddresses(path: string): readonly bigint[] {
  const rows = binutils("readelf", "-SW", path).matchAll(
    /\] \S+ +PROGBITS +([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+) \d\d +AX /g,
  );
  return [...rows].flatMap(([, start = "", bytes = ""]) =>
    Array.from({ length: Number.parseInt(bytes, 16) / 2 }, (_, index) => BigInt(`0x${start}`) + BigInt(index * 2)),
  );
}

/** What addr2line says of each: `function at file:line`, the innermost first. */
export function addr2line(path: string, addresses: readonly bigint[]): readonly (readonly string[])[] {
  const input = addresses.map((address) => `0x${address.toString(16)}\n`).join("");
  const shown = execFileSync(`${BINUTILS}addr2line`, ["-fiae", path], { encoding: "utf8", input, maxBuffer: 2 ** 28 });
  return shown
    .split(/^0x[0-9a-f]+\n/m)
    .slice(1)
    .map((part) =>
      [...part.matchAll(/^(.*)\n(.*):(\d+|\?).*\n/gm)].map(
        ([, name = "", file = "", line = ""]) => `${name} at ${file}:${line}`,
      ),
    );
}

/** Runs commands of gdb on a file that is not run; answers what each prints. */
export function gdb(path: string, commands: readonly string[]): readonly string[] {
  const marked = commands.flatMap((command) => ["-ex", "echo \\n<<<>>>\\n", "-ex", command]);
  const shown = execFileSync(
    "gdb-multiarch",
    ["-nx", "-batch", "-ex", "set width 0", "-ex", "set max-completions unlimited", ...marked, path],
    { encoding: "utf8", maxBuffer: 2 ** 28, stdio: ["ignore", "pipe", "pipe"] },
  );
  return shown
    .split("\n<<<>>>\n")
    .slice(1)
    .map((text) => text.trimEnd());
}
