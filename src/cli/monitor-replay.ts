/** `foldvm replay --monitor`: a recording under a prompt. */
import { monitorSocket, type MonitorPlace } from "../streams/session/monitor/monitor-place.js";
import { runPrompt } from "../streams/session/monitor/prompt.js";
import { ReplayTarget, type ReplayTargetOptions } from "../streams/session/target/replay-target.js";
import { BranchingTarget } from "../streams/session/travel/branching-target.js";
import type { MonitorTarget } from "../streams/session/target/target.js";
import type { Recording } from "../streams/past/recording.js";
import type { Until } from "../streams/past/until.js";
import { stdioOutput } from "../streams/host/terminal/stdio-output.js";
import type { Stdio } from "../streams/host/stdio.js";
import { EXIT } from "./exit-codes.js";

export interface MonitorReplayOptions {
  readonly place: MonitorPlace;
  /** The recording's. */
  readonly file: string;
  /** Where it begins. */
  readonly until: Until | undefined;
}

/** Fails with what the replay fails with; a script's errors are counted in the exit code. */
export async function monitorReplay(
  recording: Recording,
  { stdin, stdout }: Stdio,
  { place, file, until }: MonitorReplayOptions,
): Promise<number> {
  let quit: () => void = () => undefined;
  let fault: unknown;
  const ended = new Promise<void>((resolve) => {
    quit = resolve;
  });
  const failed = (error: unknown): void => {
    fault = error;
    quit();
  };
  const console = stdioOutput(stdout, failed);
  const options: ReplayTargetOptions = {
    heard: (effect) => {
      if (effect.type === "console/transmitted") console.write(effect.bytes);
    },
    failed,
    quit,
    recordingName: file,
  };
  const first = new ReplayTarget(recording, options);
  const target = new BranchingTarget(first, options);
  if (until !== undefined) await first.seek(until);
  const errors =
    place === "stdio"
      ? await runPrompt(target, stdin, stdout, ended, { console })
      : await served(place.path, target, ended);
  target.quit();
  await console.end();
  if (fault !== undefined) throw fault instanceof Error ? fault : new Error("the replay failed");
  return errors === 0 ? EXIT.done : EXIT.textFailed;
}

/** Until somebody quits: what one peer gets wrong is no failure of the command. */
async function served(path: string, target: MonitorTarget, ended: Promise<void>): Promise<number> {
  const end = await monitorSocket(path, target);
  await ended;
  await end();
  return 0;
}
