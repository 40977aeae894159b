/** Records and replays in processes of their own, which share nothing with each other. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { RunDigest } from "./run-digest.js";
import type { TypedRecording } from "./typed-recording.js";

const TIME_LIMIT_MS = 240_000;
const run = promisify(execFile);

/** Rejects with what the process wrote where it fails, as by a divergence, or takes too long. */
const digestOfProcess = async (
  worker: string,
  args: readonly string[],
  nodeOptions: readonly string[] = [],
): Promise<RunDigest> => {
  const program = fileURLToPath(new URL(worker, import.meta.url));
  const { stdout } = await run(process.execPath, ["--import", "tsx", ...nodeOptions, program, ...args], {
    timeout: TIME_LIMIT_MS,
    killSignal: "SIGKILL",
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout) as RunDigest;
};

export const recordInNewProcess = (recording: TypedRecording, path: string): Promise<RunDigest> =>
  digestOfProcess("./record-worker.ts", [JSON.stringify(recording), path]);

export const replayInNewProcess = (path: string): Promise<RunDigest> => digestOfProcess("./replay-worker.ts", [path]);

/** In a process that fails if it opens a socket, or makes a router. */
export const replayOffline = (path: string): Promise<RunDigest> =>
  digestOfProcess("./replay-worker.ts", [path], ["--import", new URL("./offline.ts", import.meta.url).href]);
