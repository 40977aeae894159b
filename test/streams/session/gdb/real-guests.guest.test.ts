/**
 * A real gdb on U-Boot and Debian, with one hart and with four: random commands, forward and back, across interrupts,
 * page faults and sleep. Each stop's registers are those of a replay to there.
 */
// test-time-limit-seconds: 900
import { test } from "uvu";

import { requiresDebian } from "../../../support/debian.js";
import { debianForGdb, UBOOT, walkGuest, type GdbGuest } from "../../../support/gdb-guests.js";
import { requires } from "../../../support/requires.js";
import { freshSeed } from "../../../support/seeded-random.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";

const COMMANDS = Number(process.env["FOLDVM_QUERIES"] ?? 30);
const HARTS = [1, 4];
const seed = freshSeed();

const tested = (guest: GdbGuest): void => {
  for (const smp of HARTS) {
    test(`given ${guest.name} with ${String(smp)} harts (FOLDVM_SEED=${String(seed)}), when gdb goes about in it, then it sees what a replay has`, () =>
      withTemporaryFolder((folder) => walkGuest(guest, { smp, seed, folder, commands: COMMANDS, timeoutMs: 800_000 })));
  }
};

if (requires("gdb on U-Boot", ["gdb-multiarch", "opensbi", "u-boot"])) tested(UBOOT);
const images = await requiresDebian("gdb on Debian");
if (images !== undefined && requires("gdb on Debian", ["gdb-multiarch"])) tested(debianForGdb(images));

test.run();
