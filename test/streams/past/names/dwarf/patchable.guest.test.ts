// test-time-limit-seconds: 60
/** Functions that begin with room to patch them, as Linux has it: what lies there is in no function of DWARF's. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { binutils, builtNames } from "../../../../support/built-names.js";
import { guestCompilerFits } from "../../../../support/guest-build.js";
import { requires } from "../../../../support/requires.js";
import { withTemporaryFolder } from "../../../../support/temporary-folder.js";

/** Those of two bytes that gcc leaves. */
const ROOM = 4;
const BUILT = "given functions with room to patch them";

if (guestCompilerFits(BUILT) && requires(BUILT, ["riscv64-unknown-elf-nm"]))
  test(`${BUILT}, when it is asked where they are called, then their code is that behind the room`, () =>
    withTemporaryFolder(async (folder) => {
      const { path, names } = await builtNames(folder, ["-O2", "-g", `-fpatchable-function-entry=${String(ROOM)}`]);
      const symbols = [...binutils("nm", "-S", path).matchAll(/^([0-9a-f]+) [0-9a-f]+ [tT] (\w+)$/gm)];
      assert.ok(symbols.length > 5);
      for (const [, address = "", name] of symbols) {
        const start = BigInt(`0x${address}`);
        const called = names.functionCode(start);
        // That of the assembler begins at once.
        assert.is(called?.entry, name === "_start" ? start : start + BigInt(2 * ROOM), name);
        assert.equal(called, names.functionCode(called?.entry ?? 0n), name);
        assert.ok((called?.lineBegins.length ?? 0) > 0, name);
      }
    }));

test.run();
