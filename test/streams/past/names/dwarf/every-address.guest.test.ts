// test-time-limit-seconds: 300
/** Frames, variables and values of our guests, against gdb. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { builtNames, NAMES_BUILDS, namesOf } from "../../../../support/built-names.js";
import { agreeEverywhere } from "../../../../support/every-address.js";
import { guestCompilerFits } from "../../../../support/guest-build.js";
import { requires } from "../../../../support/requires.js";
import { freshSeed } from "../../../../support/seeded-random.js";
import { withTemporaryFolder } from "../../../../support/temporary-folder.js";

const seed = freshSeed();
const GUESTS = fileURLToPath(new URL("../../../../../guests/", import.meta.url));
const COMMITTED = ["demo/demo.elf", "harts/harts.elf", "virtio/virtio.elf", "names/names.elf"];
for (const guest of COMMITTED) {
  const name = `given ${guest} at each of its addresses (seed ${String(seed)}), then frames and variables are gdb's`;
  if (!requires(name, ["gdb-multiarch", "riscv64-unknown-elf-readelf", "riscv64-unknown-elf-objdump"])) continue;
  test(name, () =>
    withTemporaryFolder((folder) => {
      const path = join(GUESTS, guest);
      const compared = agreeEverywhere(path, namesOf(readFileSync(path)), { folder, seed });
      assert.ok(compared > 1000, `only ${String(compared)} values are compared`);
    }),
  );
}

for (const flags of NAMES_BUILDS) {
  // What is only packed otherwise is compared with the table of lines and the types.
  if (flags.includes("-gz") || flags.includes("-gdwarf64")) continue;
  // Nothing tells there where an inlined function was called: gdb has no frames for it.
  if (flags.includes("-gdwarf-2")) continue;
  const name = `given the guest for names built with ${flags.join(" ")} at each of its addresses (seed ${String(seed)}), then frames and variables are gdb's`;
  if (!guestCompilerFits(name) || !requires(name, ["gdb-multiarch"])) continue;
  test(name, () =>
    withTemporaryFolder(async (folder) => {
      const { path, names } = await builtNames(folder, flags);
      const compared = agreeEverywhere(path, names, { folder, seed });
      assert.ok(compared > 1000, `only ${String(compared)} values are compared`);
    }),
  );
}

test.run();
