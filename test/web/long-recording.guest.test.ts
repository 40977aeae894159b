// The page of a run of 2.4 G instructions: the first moment is there at once, others while the run is still surveyed,
// and each is what Node replays. Seen red: with a survey that goes first; with an open that waits for it.
// test-time-limit-seconds: 900
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { hashOfState } from "../../src/machine/state-hash.js";
import { hex64 } from "../../src/reducers/hex.js";
import type { Recording } from "../../src/streams/past/recording.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { exportedPage, inBrowser, status, surveyed } from "../support/page-browser.js";
import { recordedBytes } from "../support/recorded.js";
import { requires } from "../support/requires.js";
import { freshSeed, seededRandom } from "../support/seeded-random.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { working } from "../support/tiny-guests.js";

const ROUNDS = 600;
const INSNS_A_ROUND = 4_000_000;
const INSNS = ROUNDS * INSNS_A_ROUND;
const MOMENTS = 20;
const seed = freshSeed();

interface Met {
  readonly icount: number;
  readonly hash: string;
  /** Whether all of the run was known by then. */
  readonly isSurveyed: boolean;
}

/** In the page, one after the other; before each the survey has gone on. */
const momentsInPage = (page: Page, icounts: readonly number[]): Promise<readonly Met[]> =>
  page.evaluate(`(async () => {
    let goneOn = () => undefined;
    let isSurveyed = false;
    const over = foldvm
      .ask("survey", { recording: 0 }, { progress: () => goneOn() })
      .then(() => { isSurveyed = true; });
    const met = [];
    for (const icount of ${JSON.stringify(icounts)}) {
      await Promise.race([over, new Promise((resolve) => { goneOn = resolve; })]);
      const { hash } = await foldvm.ask("moment", { recording: 0, where: { icount }, hash: true });
      met.push({ icount, hash, isSurveyed });
    }
    return met;
  })()`);

function hashesHere(recording: Recording, icounts: readonly number[]): ReadonlyMap<number, string> {
  const rising = [...icounts].sort((a, b) => a - b);
  return new Map(rising.map((icount) => [icount, hex64(hashOfState(recording.at(icount)))]));
}

if (requires("the page of a long recording", ["chromium"])) {
  test(`given a run of 2.4 G instructions, when its page is opened, then moments are there while it is surveyed (seed ${String(seed)})`, () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, "long.fold");
      const kernel = join(folder, "long.bin");
      writeFileSync(kernel, working(ROUNDS, INSNS_A_ROUND));
      writeFileSync(path, await recordedBytes({ bios: "none", kernel, memory: "8M", seed: "long" }));
      const recording = openRecording(path, { index: false });
      assert.ok(recording.info.instructions >= INSNS, String(recording.info.instructions));
      const random = seededRandom(seed);
      const icounts = Array.from({ length: MOMENTS }, () => random(INSNS));
      const expected = hashesHere(recording, icounts);
      await inBrowser(
        exportedPage([path], folder),
        async (page) => {
          assert.is(
            await page.locator(".status progress").count(),
            1,
            "it is surveyed while its first moment is there",
          );
          const met = await momentsInPage(page, icounts);
          assert.equal(new Map(met.map(({ icount, hash }) => [icount, hash])), expected);
          const early = met.filter(({ isSurveyed }) => !isSurveyed).length;
          assert.ok(early >= MOMENTS / 2, `${String(early)} of ${String(MOMENTS)} were there before all was known`);
          await surveyed(page);
          await page.keyboard.press("End");
          await status(page)
            .getByText(`event ${String(recording.info.events)}`)
            .waitFor();
        },
        { whileSurveyed: true },
      );
      recording.close();
    }));
}

test.run();
