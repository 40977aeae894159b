/** Names of files: with debugging information, stripped, and lists of names. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { findDebugFile } from "../../../src/streams/host/debug-file.js";
import { ImageError } from "../../../src/streams/host/images.js";
import { openNames } from "../../../src/streams/session/name-files.js";
import { bytes, elfFile, u32 } from "../../support/dwarf-file.js";
import { guestElf } from "../../support/guest-build.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

test("given a file with debugging information, when it is opened, then it tells lines", () => {
  assert.is(openNames(guestElf("demo")).linesAt?.(0x8000_12a0n)[0]?.file, "demo/link.c");
});

test("given a stripped file, when its other file is beside it, then names are of that", () =>
  withTemporaryFolder((folder) => {
    const stripped = join(folder, "program");
    const note = bytes(u32(4), u32(3), u32(3), "GNU", 0xab, 0xcd, 0xef, 0);
    writeFileSync(stripped, elfFile({ ".note.gnu.build-id": note, ".gnu_debuglink": bytes("other.debug", u32(0)) }));
    assert.throws(
      () => openNames(stripped),
      (fault: unknown) => fault instanceof ImageError,
    );
    writeFileSync(join(folder, "other.debug"), elfFile({ ".debug_info": bytes() }));
    assert.is(openNames(stripped).title, join(folder, "other.debug"));
  }));

test("given files in several places, when one is looked for, then the build id goes before names", () =>
  withTemporaryFolder((folder) => {
    const system = join(folder, "system");
    const program = join(folder, "program");
    const touch = (...path: readonly string[]): string => {
      const file = join(...path);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, "");
      return file;
    };
    const link = { buildId: "abcdef", name: "../up.debug" };
    const find = (): string | undefined => findDebugFile(program, link, system);
    assert.is(find(), undefined);
    const last = touch(system, folder, "program.debug");
    assert.is(find(), last);
    const below = touch(folder, ".debug", "up.debug");
    assert.is(find(), below);
    const beside = touch(folder, "up.debug");
    assert.is(find(), beside);
    const byId = touch(system, ".build-id", "ab", "cdef.debug");
    assert.is(find(), byId);
    assert.is(findDebugFile(program, { buildId: "../../x", name: undefined }, system), last);
  }));

test("given a System.map or nothing, when it is opened, then there are its names, or an error", () =>
  withTemporaryFolder((folder) => {
    const map = join(folder, "System.map");
    writeFileSync(map, "0000000080000000 T start\n");
    assert.is(openNames(map).symbols()[0]?.name, "start");
    assert.throws(
      () => openNames(join(folder, "none")),
      (fault: unknown) => fault instanceof ImageError,
    );
  }));

test.run();
