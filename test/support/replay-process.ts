/** Records and replays in processes of their own, which share nothing with each other. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { TYPESCRIPT } from "../../scripts/typescript/node-words.js";
import { bundled } from "./bundled.js";
import type { RunDigest } from "./run-digest.js";
import type { TypedRecording } from "./typed-recording.js";

const RECORD = "test/support/record-worker.ts";
const REPLAY = "test/support/replay-worker.ts";
const OFFLINE = new URL("./offline.ts", import.meta.url).href;
const TIME_LIMIT_MS = 600_000;
const run = promisify(execFile);

/** Rejects with what the process wrote where it fails, as by a divergence, or takes too long. */
const digestOfProcess = async (
  program: readonly string[],
  args: readonly string[],
  timeLimitMs = TIME_LIMIT_MS,
  input = "",
): Promise<RunDigest> => {
  const running = run(process.execPath, [...program, ...args], {
    timeout: timeLimitMs,
    killSignal: "SIGKILL",
    maxBuffer: 1 << 26,
  });
  running.child.stdin?.end(input);
  const { stdout } = await running;
  return JSON.parse(stdout) as RunDigest;
};

export const recordInNewProcess = (recording: TypedRecording, path: string): Promise<RunDigest> =>
  digestOfProcess(
    [bundled(RECORD)],
    [path],
    // The worker's own limit comes first: it says what the guest's console showed.
    Math.max(TIME_LIMIT_MS, (recording.timeLimitMs ?? 0) + 30_000),
    JSON.stringify(recording),
  );

export const replayInNewProcess = (path: string, timeLimitMs?: number): Promise<RunDigest> =>
  digestOfProcess([bundled(REPLAY)], [path], timeLimitMs);

/** In a process that fails if it opens a socket, or makes a router. */
export const replayOffline = (path: string, timeLimitMs?: number): Promise<RunDigest> =>
  // From the sources: it looks at their names.
  digestOfProcess([...TYPESCRIPT, "--import", OFFLINE, REPLAY], [path], timeLimitMs);

/** On one of `ENGINE_SETTINGS`, by name; the seed says when its caches go. */
export const replayOnSetting = (
  path: string,
  setting: string,
  seed: number,
  timeLimitMs?: number,
): Promise<RunDigest> => digestOfProcess([bundled(REPLAY)], [path, setting, String(seed)], timeLimitMs);
