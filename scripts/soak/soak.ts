/**
 * Records Debian under a load, and runs the recording again in new processes: replayed, saved and loaded on the way,
 * and on other settings of the engine. All must end in the same hashes.
 */
import { isDeepStrictEqual } from "node:util";
import { join } from "node:path";

import { openRecording } from "../../src/streams/session/open-recording.js";
import type { EngineSetting } from "../../test/support/engine-settings.js";
import { loadInNewProcesses, somePositions, type LoadedState } from "../../test/support/loaded-states.js";
import {
  recordInNewProcess,
  replayInNewProcess,
  replayOffline,
  replayOnSetting,
} from "../../test/support/replay-process.js";
import type { RunDigest } from "../../test/support/run-digest.js";
import { seededRandom } from "../../test/support/seeded-random.js";
import type { Load } from "./load.js";

export interface SoakOptions {
  readonly load: Load;
  readonly seed: number;
  readonly replays: number;
  /** How many states are saved and loaded, each in one of the new processes. */
  readonly states: number;
  /** Those on which it is replayed whole. */
  readonly settings: readonly EngineSetting[];
  /** Where the recording is made. */
  readonly folder: string;
  /** Of the recording, and of each replay. */
  readonly timeLimitMs: number;
  readonly report: (line: string) => void;
}

export interface SoakResult {
  readonly path: string;
  readonly recorded: RunDigest;
  readonly replayed: readonly RunDigest[];
  readonly loaded: readonly LoadedState[];
  readonly onSettings: readonly (RunDigest & { readonly setting: string })[];
}

/** Rejects where a replay diverges. Lets go of the load. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { load, seed, folder, timeLimitMs, report } = options;
  const path = join(folder, "soak.fold");
  const { machine, steps, untilIcount } = load;
  const sequence = { checkpointInsns: CHECKPOINT_INSNS, ...(untilIcount === undefined ? {} : { untilIcount }) };
  try {
    report(`recording with seed ${String(seed)} into ${path}`);
    const took = stopwatch();
    const recorded = await recordInNewProcess({ seed, machine, steps, sequence, timeLimitMs }, path);
    const [, insns, hash] = recorded.end;
    const what = `${insns.toLocaleString("en")} instructions, ${String(recorded.hashes.length)} hashes`;
    report(`recorded in ${took()}: ${what}, state hash ${hash}`);
    const replayed = await replays(path, options);
    const loaded = await loads(path, options);
    return { path, recorded, replayed, loaded, onSettings: await replaysOnSettings(path, options) };
  } finally {
    load.close();
  }
}

/** What differs from the recording, a line each. */
export const differences = ({ recorded, replayed, loaded, onSettings }: SoakResult): readonly string[] => [
  ...replayed.flatMap((digest, index) =>
    isDeepStrictEqual(digest, recorded) ? [] : [`replay ${String(index + 1)} has other hashes, or another console`],
  ),
  ...onSettings.flatMap(({ setting, ...digest }) =>
    isDeepStrictEqual(digest, recorded) ? [] : [`the replay on "${setting}" has other hashes, or another console`],
  ),
  ...loaded.flatMap(({ until, isSame, hash, expected }) => {
    const which = `the state at ${JSON.stringify(until)}`;
    if (!isSame) return [`${which} is saved as other bytes once it was loaded`];
    return hash === expected ? [] : [`${which}, loaded, goes on to ${hash}, the recording to ${expected}`];
  }),
];

const CHECKPOINT_INSNS = 1 << 26;
/** Each of them has some 80 MB of Debian in it. */
const STATES_A_PROCESS = 10;

async function replays(path: string, { replays, timeLimitMs, report }: SoakOptions): Promise<readonly RunDigest[]> {
  const replayed: RunDigest[] = [];
  for (let number = 1; number <= replays; number += 1) {
    const took = stopwatch();
    // The first with no network at all.
    const digest = await (number === 1 ? replayOffline : replayInNewProcess)(path, timeLimitMs);
    replayed.push(digest);
    report(`replay ${String(number)} of ${String(replays)} in ${took()}: state hash ${digest.end[2]}`);
  }
  return replayed;
}

async function loads(path: string, options: SoakOptions): Promise<readonly LoadedState[]> {
  const { states, seed, timeLimitMs, report } = options;
  if (states === 0) return [];
  const took = stopwatch();
  const recording = openRecording(path);
  const positions = somePositions(recording, states, seededRandom(seed));
  recording.close();
  const loaded = await loadInNewProcesses({
    ...{ path, positions, seed, runTo: "next", statesAProcess: STATES_A_PROCESS, timeLimitMs },
  });
  report(`${String(loaded.length)} states saved, loaded and run on to the next in ${took()}`);
  return loaded;
}

async function replaysOnSettings(path: string, options: SoakOptions): Promise<SoakResult["onSettings"]> {
  const { settings, seed, timeLimitMs, report } = options;
  const digests: (RunDigest & { setting: string })[] = [];
  for (const { name: setting } of settings) {
    const took = stopwatch();
    const digest = await replayOnSetting(path, setting, seed, timeLimitMs);
    digests.push({ setting, ...digest });
    report(`replay on "${setting}" in ${took()}: state hash ${digest.end[2]}`);
  }
  return digests;
}

const stopwatch = (): (() => string) => {
  const startMs = performance.now();
  return () => `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
};
