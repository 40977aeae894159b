/**
 * How long the page's worker takes for a moment that is asked out of the blue: `npm run bench:page -- RECORDING`. Its
 * states, if it has any, are used; what the survey takes is told apart.
 */
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { basename } from "node:path";

import { openRecording } from "../src/streams/session/open-recording.js";
import { pageRecording, type PageFile } from "../src/streams/page/index.js";
import type { Source } from "../web/protocol.js";
import { seededRandom } from "../test/support/seeded-random.js";
import { workerHere } from "../test/support/page-worker.js";

const MOMENTS = 100;

const [path = "logs/race-fails.fold"] = process.argv.slice(2);
const made = pageRecording(basename(path), openRecording(path));
const all = (files: Readonly<Record<string, PageFile>>): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(files).map(([key, file]) => [key, file.read()]));
const source: Source = {
  name: made.name,
  recording: new Uint8Array(readFileSync(path)),
  images: all(made.images),
  disks: all(made.disks),
  index: made.index?.read(),
};

const client = workerHere();
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
};
const say = (what: string, times: readonly number[]): void => {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(0).padStart(6);
  process.stdout.write(`${what.padEnd(24)} median ${at(0.5)} ms, 9 of 10 ${at(0.9)} ms, longest ${at(1)} ms\n`);
};

say("open", [await timed(() => client.ask("open", { sources: [source] }))]);
const { instructions } = openRecording(path).info;
const random = seededRandom(1);
const moments = async (count: number): Promise<readonly number[]> => {
  const times: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const icount = random(instructions + 1);
    times.push(await timed(() => client.ask("moment", { recording: 0, where: { icount } })));
  }
  return times;
};
say("moments at first", await moments(10));
say("the survey, from there", [await timed(() => client.ask("survey", { recording: 0 }))]);
say("moments after it", await moments(MOMENTS));
