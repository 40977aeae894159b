// How long test files take, as noted by `npm test -- --note-durations`: the runner begins with the longest, so that no
// lane ends long after the others, and says how long it will take.
import { readFileSync, writeFileSync } from "node:fs";
import type { TestFile } from "./find-tests.js";

const TABLE = "scripts/testing/durations.json";
/** What takes less stands in no table. */
const NOTED_SECONDS = 2;
const GUESSED_SECONDS = { core: 1, guest: 20 } as const;
/** A file that says how long it may take mostly takes a small part of it. */
const PART_OF_LIMIT = 20;

export type Durations = Readonly<Partial<Record<string, number>>>;

export const readDurations = (): Durations => JSON.parse(readFileSync(TABLE, "utf8")) as Durations;

export const expectedSeconds = (durations: Durations, { path, tier, timeLimitSeconds }: TestFile): number =>
  durations[path] ?? (timeLimitSeconds === undefined ? GUESSED_SECONDS[tier] : timeLimitSeconds / PART_OF_LIMIT);

/** Among equals by name: the same every time. */
export const longestFirst = (durations: Durations, files: readonly TestFile[]): readonly TestFile[] =>
  [...files].sort(
    (a, b) => expectedSeconds(durations, b) - expectedSeconds(durations, a) || (a.path < b.path ? -1 : 1),
  );

/** Of the files run one after the other on each of `lanes`, the next on the lane that is free first. */
export const expectedRunSeconds = (durations: Durations, files: readonly TestFile[], lanes: number): number => {
  const busyUntil = new Array<number>(lanes).fill(0);
  for (const file of longestFirst(durations, files)) {
    const lane = busyUntil.indexOf(Math.min(...busyUntil));
    busyUntil[lane] = (busyUntil[lane] ?? 0) + expectedSeconds(durations, file);
  }
  return Math.max(...busyUntil);
};

/** Keeps what is known of files that did not run now, as long as they are there. */
export const noteDurations = (present: readonly TestFile[], took: ReadonlyMap<string, number>): void => {
  const before = readDurations();
  const rows = present.flatMap(({ path }): [string, number][] => {
    const seconds = took.get(path) ?? before[path] ?? 0;
    return seconds < NOTED_SECONDS ? [] : [[path, Math.round(seconds)]];
  });
  writeFileSync(TABLE, `${JSON.stringify(Object.fromEntries(rows), undefined, 2)}\n`);
};
