// test-time-limit-seconds: 300
/** Source lines and inlined calls of every instruction, against addr2line and gdb. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  addr2line,
  binutils,
  builtNames,
  codeAddresses,
  gdb,
  NAMES_BUILDS,
  namesOf,
  type Names,
} from "../../../../support/built-names.js";
import { guestCompilerFits } from "../../../../support/guest-build.js";
import { requires } from "../../../../support/requires.js";
import { withTemporaryFolder } from "../../../../support/temporary-folder.js";

/** Binutils puts the folder of the compilation before one that already is below it. */
const plain = (line: string): string => line.replace(/\b(\w+)\/\1\//, "$1/").replace("__image_start", "_start");

const ours = (names: Names, pc: bigint): string[] => {
  const lines = names
    .linesAt(pc)
    .map(({ function: name = "??", file, line }) => `${name} at ${file === "" ? "??:?" : `${file}:${String(line)}`}`);
  return lines.length === 0 ? ["nothing"] : lines;
};

function agree(path: string, names: Names): void {
  const addresses = codeAddresses(path);
  assert.ok(addresses.length > 500);
  const expected = addr2line(path, addresses);
  const rows = decodedRows(path);
  for (const [index, pc] of addresses.entries()) {
    const theirs = expected[index]?.map(plain) ?? [];
    // Where there is no line, binutils still has the symbol.
    const wanted = theirs.length === 1 && /:\?$/.test(theirs[0] ?? "") ? ["nothing"] : theirs;
    const own = ours(names, pc);
    const row = rows.findLast(({ address }) => address <= pc);
    if (row?.place !== undefined) assert.ok(own[0]?.endsWith(row.place), `0x${pc.toString(16)} is ${row.place}`);
    // For the file that a program begins with, addr2line takes the unit's own. Readelf's rows say otherwise.
    const first = row?.place?.startsWith("board.h:") ? [own[0]] : wanted.slice(0, 1);
    assert.equal(own, [...first, ...wanted.slice(1)], `0x${pc.toString(16)}`);
  }
}

interface Row {
  readonly address: bigint;
  /** Undefined: there a sequence ends. */
  readonly place: string | undefined;
  readonly isStatement: boolean;
}

/** By address; of one address as the table has them. */
function decodedRows(path: string): readonly Row[] {
  const dump = binutils("readelf", "--debug-dump=decodedline", path);
  const rows = [...dump.matchAll(/^(\S+) +(\d+|-) +(0x[0-9a-f]+|0)\b(.*)$/gm)].map(
    ([, file = "", line = "", address = "", rest = ""]) => ({
      address: BigInt(address),
      place: line === "-" ? undefined : `${file}:${line}`,
      isStatement: rest.trim().endsWith("x"),
    }),
  );
  return rows.sort((a, b) =>
    a.address < b.address
      ? -1
      : a.address > b.address
        ? 1
        : Number(b.place === undefined) - Number(a.place === undefined),
  );
}

const COMMITTED = ["demo/demo.elf", "harts/harts.elf", "virtio/virtio.elf", "names/names.elf"];
for (const guest of COMMITTED) {
  const name = `given ${guest}, when each address is asked for, then its lines and inlined calls are addr2line's`;
  if (requires(name, ["riscv64-unknown-elf-addr2line", "riscv64-unknown-elf-readelf"]))
    test(name, () => {
      const path = join(fileURLToPath(new URL("../../../../../guests/", import.meta.url)), guest);
      agree(path, namesOf(readFileSync(path)));
    });
}

for (const flags of NAMES_BUILDS) {
  const built = `given the guest for names built with ${flags.join(" ")}`;
  if (!guestCompilerFits(built) || !requires(built, ["riscv64-unknown-elf-addr2line", "gdb-multiarch"])) continue;

  // Its assembler mixes tables of 32 and 64 bits, which addr2line 2.40 takes for damaged.
  if (!flags.includes("-gdwarf64"))
    test(`${built}, when each address is asked for, then its lines and inlined calls are addr2line's`, () =>
      withTemporaryFolder(async (folder) => {
        const { path, names } = await builtNames(folder, flags);
        agree(path, names);
      }));

  test(`${built}, when each line is asked for, then it begins where the table of lines says`, () =>
    withTemporaryFolder(async (folder) => {
      const { path, names } = await builtNames(folder, flags);
      for (const [place, addresses] of beginnings(path)) {
        const [file = "", line = ""] = place.split(":");
        assert.equal(names.addressesOf(file, Number(line)), addresses, place);
        assert.equal(names.addressesOf(`names/${file}`, Number(line)), addresses, place);
      }
      assert.equal(names.addressesOf("ain.c", 40), []);
      assert.equal(names.addressesOf("main.c", 4000), []);
    }));

  test(`${built}, when gdb is asked where a line begins, then it is one of ours`, () =>
    withTemporaryFolder(async (folder) => {
      const { path, names } = await builtNames(folder, flags);
      const lines = ["main.c:41", "main.c:47", "queue.c:32", "queue.c:52", "board.c:16"];
      for (const [index, shown] of gdb(
        path,
        lines.map((line) => `info line ${line}`),
      ).entries()) {
        const [file = "", line = ""] = lines[index]?.split(":") ?? [];
        const starts = [...shown.matchAll(/Line \d+ of "[^"]+" starts at address (0x[0-9a-f]+)/g)];
        const own = names.addressesOf(file, Number(line));
        for (const [, address = ""] of starts) assert.ok(own.includes(BigInt(address)), `${file}:${line} ${shown}`);
      }
    }));
}

/** From readelf's statements: where each line begins after another one. */
function beginnings(path: string): ReadonlyMap<string, readonly bigint[]> {
  const found = new Map<string, Set<bigint>>();
  let before: string | undefined;
  for (const { place, address, isStatement } of decodedRows(path)) {
    if (place !== undefined && !isStatement) continue;
    if (place !== undefined && place !== before) found.set(place, (found.get(place) ?? new Set()).add(address));
    before = place;
  }
  return new Map([...found].map(([place, addresses]) => [place, [...addresses]]));
}

test.run();
