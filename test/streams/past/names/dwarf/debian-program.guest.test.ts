// test-time-limit-seconds: 600
/** What Debian's compiler told of a program of Debian's, at every address: against addr2line and gdb. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { openNames } from "../../../../../src/streams/session/name-files.js";
import { addr2line, codeAddresses, type Names } from "../../../../support/built-names.js";
import { requiresDebianProgram } from "../../../../support/debian.js";
import { agreeEverywhere } from "../../../../support/every-address.js";
import { requires } from "../../../../support/requires.js";
import { freshSeed } from "../../../../support/seeded-random.js";
import { withTemporaryFolder } from "../../../../support/temporary-folder.js";

const title = "a program that Debian compiled with -O2 -g";
const fits = requires(title, ["gdb-multiarch", "riscv64-unknown-elf-addr2line", "riscv64-unknown-elf-objdump"]);
const debian = fits ? await requiresDebianProgram(title) : undefined;

if (debian !== undefined) {
  const { program, debug } = debian;
  const names = openNames(program) as Names;

  test(`given ${title}, when each address is asked for, then its lines and inlined calls are addr2line's`, () => {
    const addresses = codeAddresses(program);
    const expected = addr2line(debug, addresses);
    let compared = 0;
    for (const [index, pc] of addresses.entries()) {
      const own = names.linesAt(pc).map(({ function: name = "??", line }) => `${name} at ${String(line)}`);
      const theirs = (expected[index] ?? []).map((one) => one.replace(/ at .*:/, " at "));
      // Where there is no line, binutils still has the symbol.
      if (own.length === 0) assert.match(theirs.join(), /^[^,]* at [?0]$/, `0x${pc.toString(16)}`);
      else assert.equal(own, theirs, `0x${pc.toString(16)}`);
      compared += own.length;
    }
    assert.ok(compared > 10_000, `only ${String(compared)} lines`);
  });

  const seed = freshSeed();
  test(`given ${title} at each of its addresses (seed ${String(seed)}), then frames and variables are gdb's`, () =>
    withTemporaryFolder((folder) => {
      const compared = agreeEverywhere(program, names, { folder, seed });
      assert.ok(compared > 50_000, `only ${String(compared)} values are compared`);
    }));
}

test.run();
