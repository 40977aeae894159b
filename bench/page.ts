/**
 * What the page of a recording takes in Chromium: `npm run bench:page -- RECORDING`. Opened from a disk, with its
 * states where somebody has kept them; moments are asked out of the blue, while it is surveyed and afterwards; the
 * timeline is dragged and zoomed.
 */
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Page } from "playwright-core";

import { openRecording } from "../src/streams/session/open-recording.js";
import { exportedPage, inBrowser, surveyed } from "../test/support/page-browser.js";
import { seededRandom } from "../test/support/seeded-random.js";
import { withTemporaryFolder } from "../test/support/temporary-folder.js";

const MOMENTS = 100;
/** Between two moments of somebody who looks around; the survey goes on meanwhile. */
const PAUSE_MS = 100;
const MOVES = 240;
const LONG_MS = 300_000;

/** Tasks of 50 ms and more of the page's own thread, by the browser's own count; frames while `frames` is there. */
const BEFOREHAND = `
  globalThis.bench = { tasks: [], frames: undefined };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) bench.tasks.push(duration);
  }).observe({ type: "longtask", buffered: true });
`;

/** Milliseconds each, until there are as many or, if asked so, until all of the run is known. */
const moments = (page: Page, icounts: readonly number[], pauseMs: number): Promise<readonly number[]> =>
  page.evaluate(`(async () => {
    let isOver = false;
    if (${String(pauseMs)} > 0) void foldvm.ask("survey", { recording: 0 }).then(() => { isOver = true; });
    const times = [];
    for (const icount of ${JSON.stringify(icounts)}) {
      if (${String(pauseMs)} > 0) await new Promise((resolve) => setTimeout(resolve, ${String(pauseMs)}));
      if (isOver) break;
      const startMs = performance.now();
      await foldvm.ask("moment", { recording: 0, where: { icount } });
      times.push(performance.now() - startMs);
    }
    return times;
  })()`);

/** From frame to frame, in milliseconds, while something is done. */
async function framesOf(page: Page, work: () => Promise<void>): Promise<readonly number[]> {
  await page.evaluate(`
    bench.frames = [];
    requestAnimationFrame(function next(ms) {
      if (bench.frames === undefined) return;
      bench.frames.push(ms);
      requestAnimationFrame(next);
    });
  `);
  await work();
  const frames: readonly number[] = await page.evaluate(`(() => {
    const { frames } = bench;
    bench.frames = undefined;
    return frames;
  })()`);
  return frames.slice(1).map((ms, at) => ms - (frames[at] ?? ms));
}

/** On a lane below ruler and overview. */
async function placeOnTimeline(page: Page): Promise<{ readonly x: number; readonly y: number }> {
  const box = await page.locator("canvas").first().boundingBox();
  if (box === null) throw new Error("the page has no timeline");
  return { x: box.x + box.width / 2, y: box.y + 80 };
}

async function zoomed(page: Page): Promise<void> {
  for (let move = 0; move < MOVES; move += 1) await page.mouse.wheel(0, move < (MOVES * 3) / 4 ? -40 : 40);
}

async function dragged(page: Page, { x, y }: { readonly x: number; readonly y: number }): Promise<void> {
  await page.mouse.down();
  for (let move = 0; move < MOVES; move += 1) await page.mouse.move(x + 300 * Math.sin(move / 20), y);
  await page.mouse.up();
}

function say(what: string, times: readonly number[]): void {
  // A short run is surveyed before anybody has looked around.
  if (times.length === 0) return;
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string => `${(sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(0)} ms`;
  const text = `${what.padEnd(32)}${String(times.length).padStart(6)}${[0.5, 0.9, 0.95, 1].map((share) => at(share).padStart(10)).join("")}`;
  process.stdout.write(`${text}\n`);
}
const sinceBegun = (page: Page): Promise<number> => page.evaluate("performance.now()");
const sayOnce = (what: string, ms: number): boolean => process.stdout.write(`${what.padEnd(38)}${ms.toFixed(0)} ms\n`);

const [path = "logs/race-fails.fold"] = process.argv.slice(2);
const { instructions } = openRecording(path).info;
const random = seededRandom(1);
const places = (count: number): readonly number[] => Array.from({ length: count }, () => random(instructions + 1));

await withTemporaryFolder(async (folder) => {
  const url = exportedPage([path], folder);
  process.stdout.write(`${path}: a page of ${(statSync(fileURLToPath(url)).size / 1e6).toFixed(1)} MB\n`);
  await inBrowser(
    url,
    async (page) => {
      page.setDefaultTimeout(LONG_MS);
      sayOnce("the first moment is there after", await sinceBegun(page));
      sayOnce("the first paint", await page.evaluate(`performance.getEntriesByType("paint")[0].startTime`));
      process.stdout.write(`\n${" ".repeat(38)}    median   9 of 10  19 of 20   longest\n`);
      say("long tasks while it opens", await page.evaluate("bench.tasks.splice(0)"));
      say("moments while it is surveyed", await moments(page, places(10_000), PAUSE_MS));
      await surveyed(page);
      sayOnce("surveyed, with those, after", await sinceBegun(page));
      say("moments afterwards", await moments(page, places(MOMENTS), 0));
      const place = await placeOnTimeline(page);
      await page.mouse.move(place.x, place.y);
      say("frames while it is zoomed", await framesOf(page, () => zoomed(page)));
      say("frames while it is dragged", await framesOf(page, () => dragged(page, place)));
    },
    { whileSurveyed: true, beforehand: BEFOREHAND },
  );
});
