/** `foldvm replay --gdb`: a recording under gdb. */
import { gdbServer, serve, type GdbPlace } from "../streams/session/gdb/server.js";
import { ReplayTarget, type ReplayTargetOptions } from "../streams/session/target/replay-target.js";
import { BranchingTarget } from "../streams/session/travel/branching-target.js";
import { nameOfAddress } from "../streams/host/net/socket-address.js";
import { stdioOutput } from "../streams/host/terminal/stdio-output.js";
import type { Stdio } from "../streams/host/stdio.js";
import type { Recording } from "../streams/past/recording.js";
import type { Until } from "../streams/past/until.js";
import { EXIT } from "./exit-codes.js";

export interface GdbReplayOptions {
  readonly place: GdbPlace;
  /** The recording's. */
  readonly file: string;
  /** Where it begins. */
  readonly until: Until | undefined;
}

/** Until gdb kills it, or a signal comes. Fails with what the replay fails with. */
export async function gdbReplay(
  recording: Recording,
  { stdin, stdout, stderr, onSignal }: Stdio,
  { place, file, until }: GdbReplayOptions,
): Promise<number> {
  let quit: (fault?: unknown) => void = () => undefined;
  const ended = new Promise<unknown>((resolve) => {
    quit = resolve;
  });
  const console = stdioOutput(place === "stdio" ? stderr : stdout, (fault) => {
    quit(fault);
  });
  const options: ReplayTargetOptions = {
    heard: (effect) => {
      if (effect.type === "console/transmitted") console.write(effect.bytes);
    },
    failed: () => undefined,
    quit: () => {
      quit();
    },
    recordingName: file,
  };
  const first = new ReplayTarget(recording, options);
  const target = new BranchingTarget(first, options);
  target.said$.subscribe((line) => {
    // gdb's own terminal has it from gdb.
    if (place !== "stdio") stderr.write(`foldvm: ${line}\n`);
  });
  if (until !== undefined) await first.seek(until);
  const stopListening = onSignal(() => {
    quit();
  });
  const killed = (): void => {
    target.quit();
  };
  let end: () => Promise<void> = () => Promise.resolve();
  if (place === "stdio") serve(target, { input: stdin, output: stdout }, { killed, left: killed });
  else {
    end = await gdbServer(target, place, { killed, left: () => undefined });
    stderr.write(`foldvm: waits for gdb: target remote ${nameOfAddress(place)}\n`);
  }
  const fault = await ended;
  stopListening();
  await end();
  await console.end();
  if (fault instanceof Error) throw fault;
  return EXIT.done;
}
