// An exported page, opened from a disk in Chromium, replays what Node replays: the hashes of states are the same at
// positions of all over a recording; so are Debian's tasks and system calls, and where steps lead. Seen red: with a
// byte of an image other than it was, the page says that the replay differs; with lanes of another window; with steps
// from one instruction on.
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
import { pageRecording } from "../../src/streams/page/index.js";
import { switches, syscalls } from "../../src/streams/past/query/index.js";
import type { Recording } from "../../src/streams/past/recording.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import type { Client } from "../../web/client.js";
import type { StepKind } from "../../web/protocol.js";
import { requiresDebian } from "../support/debian.js";
import { exportedPage, inBrowser } from "../support/page-browser.js";
import { workerHere } from "../support/page-worker.js";
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

/** How much of the run's end a lane shows: Debian's first programs are there. */
const LANE_INSNS = 60_000_000;
const KINDS: readonly StepKind[] = ["instruction", "line", "out", "call", "event", "output"];

/** In the page, what its lanes of tasks and system calls show. */
const lanesInPage = (page: Page, window: object): Promise<readonly (readonly string[])[]> =>
  page.evaluate(`Promise.all(["tasks", "syscalls"].map(async (kind) => {
    const rows = [];
    const part = (more) => rows.push(...more.map((row) => row.icount + " " + row.name));
    await foldvm.ask("rows", { recording: 0, kind, window: ${JSON.stringify(window)}, limit: 100000 }, { part });
    return rows;
  }))`);

/** Runs here and, as its own text, in the page. */
async function stepsFrom(client: Client, icount: number, kinds: readonly StepKind[]): Promise<readonly string[]> {
  const steps: string[] = [];
  for (const kind of kinds) {
    for (const direction of ["forward", "back"] as const) {
      const from = await client.ask("locate", { recording: 0, where: { icount } });
      const step = await client.ask("step", { recording: 0, from, kind, direction });
      steps.push([kind, direction, step.seq, step.icount, step.cause].join(" "));
    }
  }
  return steps;
}

/** The page's, and the library's own. */
async function sameLanes(page: Page, recording: Recording): Promise<void> {
  const { instructions: until } = recording.info;
  const from = until - LANE_INSNS;
  const [tasks, calls] = await lanesInPage(page, { axis: "icount", from, until });
  const range = { from, until };
  assert.equal(
    tasks,
    switches(recording, range)
      .toArray()
      .map(({ icount, comm }) => `${String(icount)} ${comm}`),
  );
  const named = syscalls(recording, range)
    .toArray()
    .map(({ icount, name }) => `${String(icount)} ${String(name)}`);
  assert.equal(calls, named);
  assert.ok(named.length > 10, `there are ${String(named.length)} system calls`);
}

/** Where steps lead in the page is where they lead here: forwards behind the place, back before it, of each kind. */
async function sameSteps(page: Page, path: string, icount: number): Promise<void> {
  const { name, recording, images } = pageRecording("debian", openRecording(path, { index: false }));
  const bytes = Object.fromEntries(Object.entries(images).map(([sha256, file]) => [sha256, file.read()]));
  const foldvm = workerHere();
  await foldvm.ask("open", { sources: [{ name, recording: recording.read(), images: bytes }] });
  await foldvm.ask("survey", { recording: 0 });
  const here = await stepsFrom(foldvm, icount, KINDS);
  const asked = `(${stepsFrom.toString()})(foldvm, ${String(icount)}, ${JSON.stringify(KINDS)})`;
  assert.equal(await page.evaluate(asked), here);
  for (const step of here) {
    const [, direction, , place] = step.split(" ");
    assert.ok(direction === "forward" ? Number(place) > icount : Number(place) < icount, step);
  }
}

async function sameInPage(
  path: string,
  folder: string,
  more: (page: Page, recording: Recording) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
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
    await more(page, recording);
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
        await sameInPage(path, folder, async (page, recording) => {
          await sameLanes(page, recording);
          await sameSteps(page, path, recording.info.instructions - LANE_INSNS);
        });
      }));
  }
}

test.run();
