/** States of a recording, saved here and loaded in new processes: each is saved alike there, and goes on as it did. */
import { execFile } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { hashOfState } from "../../src/machine/state-hash.js";
import type { MachineState } from "../../src/machine/state.js";
import type { Recording } from "../../src/streams/past/recording.js";
import type { Until } from "../../src/streams/past/until.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { saveState } from "../../src/streams/store/saved-state/index.js";
import { bundled } from "./bundled.js";
import { inLanes } from "../../scripts/testing/lanes.js";
import type { StateToLoad } from "./load-worker.js";
import type { Random } from "./seeded-random.js";

/** What came of one state. */
export interface LoadedState {
  readonly until: Until;
  /** Saved again in the new process, it was the same bytes. */
  readonly isSame: boolean;
  /** The hash where its replay ended, and the recording's there, in hexadecimal. */
  readonly hash: string;
  readonly expected: string;
}

export interface LoadOptions {
  readonly path: string;
  /** In order. */
  readonly positions: readonly Until[];
  readonly seed: number;
  /** A state is replayed to the recording's end, or as far as the next state. */
  readonly runTo: "end" | "next";
  readonly statesAProcess: number;
  readonly timeLimitMs: number;
  readonly onState?: (state: MachineState) => void;
}

/** In order; a third right after an event, a third right before one, a third anywhere. `pick` is as `Random`. */
export function somePositions({ log }: Recording, count: number, pick: Random): readonly Until[] {
  const events = [...log.events()];
  const lastIcount = log.end?.icount ?? log.lastIcount;
  const positions = Array.from({ length: count }, (_, number) => {
    const { seq = 1, icount = 0 } = events[pick(events.length - 1)] ?? {};
    if (number % 3 === 0) return { seq, icount, until: { seq } };
    if (number % 3 === 1) return { seq: seq - 1, icount, until: { seq: seq - 1, icount } };
    // Before the events that stand there.
    const anywhere = pick(lastIcount);
    return { seq: 0, icount: anywhere, until: { icount: anywhere } };
  });
  return positions.sort((a, b) => a.icount - b.icount || a.seq - b.seq).map(({ until }) => until);
}

export async function loadInNewProcesses(options: LoadOptions): Promise<readonly LoadedState[]> {
  const { path, positions, statesAProcess } = options;
  const recording = openRecording(path);
  const folder = mkdtempSync(join(tmpdir(), "foldvm-states-"));
  const firsts = Array.from({ length: Math.ceil(positions.length / statesAProcess) }, (_, at) => at * statesAProcess);
  const results: LoadedState[] = [];
  try {
    await inLanes(firsts, PROCESSES, async (first) => {
      const file = join(folder, `states-${String(first)}`);
      const saved = saveStates(recording, options, first, file);
      const args = [path, file, JSON.stringify(saved.map(({ entry }) => entry)), String(options.seed + first)];
      const { stdout } = await run(process.execPath, [bundled("test/support/load-worker.ts"), ...args], {
        ...{ timeout: options.timeLimitMs, maxBuffer: 1 << 26 },
      });
      rmSync(file);
      for (const line of stdout.trim().split("\n")) {
        const { number, isSame, hash } = JSON.parse(line) as { number: number; isSame: boolean; hash: string };
        const { until = 0, expected = "" } = saved[number - first] ?? {};
        results.push({ until, isSame, hash, expected });
      }
    });
  } finally {
    recording.close();
    rmSync(folder, { recursive: true });
  }
  return results;
}

const PROCESSES = 2;
const run = promisify(execFile);

interface SavedState {
  readonly entry: StateToLoad;
  readonly until: Until;
  readonly expected: string;
}

/** The states of one process, into its file. */
function saveStates(recording: Recording, options: LoadOptions, first: number, file: string): SavedState[] {
  const { positions, statesAProcess, runTo, onState } = options;
  const atEnd = (recording.log.end?.hash ?? hashOfState(recording.at())).toString(16);
  const states = openSync(file, "w");
  let offset = 0;
  const saved = positions.slice(first, first + statesAProcess).map((until, index): SavedState => {
    const number = first + index;
    const state = recording.at(until);
    onState?.(state);
    const bytes = saveState(state);
    writeSync(states, bytes);
    const entry = { number, offset, length: bytes.length };
    offset += bytes.length;
    const following = runTo === "next" ? positions[number + 1] : undefined;
    if (following === undefined) return { entry, until, expected: atEnd };
    const next = recording.at(following);
    return { entry: { ...entry, until: next.position }, until, expected: hashOfState(next).toString(16) };
  });
  closeSync(states);
  return saved;
}
