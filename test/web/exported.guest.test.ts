// An exported page, opened from a disk in Chromium, replays what Node replays: the hashes of states are the same at
// positions of all over a recording. Seen red: with a byte of an image other than it was, the page says that the
// replay differs.
// test-time-limit-seconds: 1800
import { join } from "node:path";

import type { Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { debianMachine } from "../../scripts/debian/debian-machine.js";
import { PROMPT } from "../../scripts/debian/initramfs.js";
import { hashOfState } from "../../src/machine/state-hash.js";
import { hex64 } from "../../src/reducers/hex.js";
import { fileSink } from "../../src/streams/host/file-sink.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { requiresDebian } from "../support/debian.js";
import { exportedPage, inBrowser } from "../support/page-browser.js";
import { requires } from "../support/requires.js";
import { freshSeed, seededRandom } from "../support/seeded-random.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { recordTyped } from "../support/typed-recording.js";

const POSITIONS = 100;
const seed = freshSeed();

/** In the page, of its own client: it is in no type of this process. */
const hashesInPage = (page: Page, icounts: readonly number[]): Promise<readonly string[]> =>
  page.evaluate(`(async () => {
    const hashes = [];
    for (const icount of ${JSON.stringify(icounts)}) {
      hashes.push((await foldvm.ask("hash", { recording: 0, where: { icount } })).hash);
    }
    return hashes;
  })()`);

async function sameInPage(path: string, folder: string): Promise<void> {
  const recording = openRecording(path, { index: false });
  const random = seededRandom(seed);
  const icounts = Array.from({ length: POSITIONS }, () => random(recording.info.instructions + 1));
  const expected = new Map(
    [...icounts].sort((a, b) => a - b).map((icount) => [icount, hex64(hashOfState(recording.at(icount)))]),
  );
  await inBrowser(exportedPage([path], folder), async (page) => {
    assert.equal(
      await hashesInPage(page, icounts),
      icounts.map((icount) => expected.get(icount)),
    );
  });
  recording.close();
}

if (requires("an exported page replays what Node replays", ["chromium"])) {
  test(`given the demo's race, when its page is opened from a disk (seed ${String(seed)}), then its states are Node's`, () =>
    withTemporaryFolder((folder) => sameInPage("logs/race-fails.fold", folder)));

  const images = await requiresDebian("an exported page of Debian replays what Node replays");
  if (images !== undefined) {
    test(`given a boot of Debian, when its page is opened from a disk (seed ${String(seed)}), then its states are Node's`, () =>
      withTemporaryFolder(async (folder) => {
        const path = join(folder, "debian.fold");
        const machine = debianMachine(images);
        const steps = [{ awaits: PROMPT, types: "poweroff\n" }];
        await recordTyped({ seed, machine, steps, sequence: { sleep: false } }, fileSink(path));
        await sameInPage(path, folder);
      }));
  }
}

test.run();
