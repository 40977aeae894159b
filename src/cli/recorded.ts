/** A run that goes into a file: what `foldvm record` does, and what is recorded under a debugger of this process. */
import type { SessionOptions } from "../streams/session/session.js";
import { RecordedStates } from "../streams/session/recorded-states.js";
import { LogError } from "../streams/store/log/index.js";
import { hex64 } from "../reducers/hex.js";
import { fileSink } from "../streams/host/file-sink.js";
import type { Stdio } from "../streams/host/stdio.js";
import { isDevice } from "../streams/host/whole-file.js";
import { streamSink } from "../streams/host/stream-sink.js";
import { measured } from "../streams/store/measured-sink.js";
import type { Arguments } from "./arguments.js";
import { bytes, counted, speed } from "./figures.js";
import { gdbPlace } from "./gdb-arguments.js";
import { readAll, UsageError } from "./problems.js";
import { sessionPlan, SESSION_OPTIONS, type SessionPlan } from "./session-arguments.js";
import { report } from "./session-report.js";
import { STANDARD_STREAM } from "./standard-stream.js";
import { integer } from "./values.js";
import { verdict } from "./verdict.js";

const DEFAULT_CHECKPOINT_INSNS = 2 ** 26;

export const RECORD_OPTIONS = {
  output: {
    short: "o",
    value: "FILE",
    file: "written",
    help: "the recording; FILE must not exist yet; -: standard output",
  },
  force: { short: "f", help: "overwrite FILE" },
  index: { help: "keep states on its way, as foldvm index does, for what asks it later" },
  embed: { help: "put the images into the recording: it then replays without them, anywhere" },
  ...SESSION_OPTIONS,
  checkpoint: {
    value: "INSNS",
    help: `instructions from one state hash in the recording to the next (${String(DEFAULT_CHECKPOINT_INSNS)}); 0: none`,
  },
} as const;

/** Those in this process who look on. */
export type RecordedWith = Pick<SessionOptions, "debug" | "follow">;

/** Nothing runs yet. @throws {UsageError} */
export function recorded(
  args: Arguments<typeof RECORD_OPTIONS>,
): (stdio: Stdio, more?: RecordedWith) => Promise<number> {
  const { path, plan, checkpointInsns } = readAll({
    path: () => pathOf(args),
    plan: () => recordable(sessionPlan(args)),
    checkpointInsns: () => integer("--checkpoint", args.get("checkpoint") ?? String(DEFAULT_CHECKPOINT_INSNS)),
  });
  return async (stdio, along = {}) => {
    const isPiped = path === STANDARD_STREAM;
    const states = args.has("index") ? new RecordedStates() : undefined;
    const piped = isPiped ? streamSink(stdio.stdout, "standard output") : undefined;
    const sink = measured(piped ?? fileSink(path, { overwrite: args.has("force") }));
    const streams = isPiped ? guestStreams(stdio) : stdio;
    const more = {
      ...along,
      sink,
      recordingName: isPiped ? "standard output" : path,
      recordingPath: isPiped || isDevice(path) ? undefined : path,
      carriesImages: args.has("embed"),
      keeperFrom: states?.keeperFrom,
      ...(checkpointInsns === 0 ? {} : { checkpointInsns }),
    };
    const end = await plan.run(streams, more);
    await piped?.drained();
    const { seq, icount } = end.position;
    const said = verdict(args, end, plan.expectsExit);
    const kept = states === undefined ? [] : [keptWords(states, path)];
    const line =
      `recorded ${path}: ${counted(icount, "instruction")}, ${counted(seq, "event")}, ${bytes(sink.byteCount)}; ` +
      `state hash ${hex64(end.stateHash)}; ${speed(icount, end.elapsedMs)}`;
    report(args, streams, {
      end,
      verdict: said,
      file: path,
      lines: [line, ...kept],
      members: { bytes: sink.byteCount, chaos: plan.chaos },
    });
    return said.code;
  };
}

/** What became of them: a line for people. The recording is whole, whether they can be kept or not. */
function keptWords(states: RecordedStates, path: string): string {
  try {
    const written = states.write(path);
    return `kept ${counted(written.states, "state")}, ${bytes(written.bytes)}, in ${written.path}`;
  } catch (fault) {
    if (!(fault instanceof LogError)) throw fault;
    return `no states are kept: ${fault.message}`;
  }
}

function pathOf(args: Arguments<typeof RECORD_OPTIONS>): string {
  const path = args.get("output");
  if (path === undefined) throw new UsageError("where to? Name the recording with -o FILE");
  if (path === STANDARD_STREAM && gdbPlace("--gdb", args.get("gdb")) === "stdio")
    throw new UsageError("--gdb -: standard output is the recording's; name a file with -o FILE");
  if (path === STANDARD_STREAM && args.get("events") === STANDARD_STREAM)
    throw new UsageError("--events -: standard output is the recording's; name a file with -o FILE");
  if (path === STANDARD_STREAM && args.has("index"))
    throw new UsageError("--index: states are kept of a recording in a file; name one with -o FILE");
  return path;
}

function recordable(plan: SessionPlan): SessionPlan {
  if (plan.deviceTreeOutput !== undefined)
    throw new UsageError("--machine dumpdtb=: nothing runs then, so nothing is recorded; use foldvm run");
  if (!plan.devices.drives.some(({ writeback }) => writeback === true)) return plan;
  throw new UsageError(
    "--drive writeback=on: a recording replays from its disks as they were; record without it, and take the disk " +
      "as it became with foldvm export-disk",
  );
}

/** Where the recording takes standard output, the guest prints on standard error. */
const guestStreams = ({ stdin, stderr, onSignal, onExit, onContinued }: Stdio): Stdio => ({
  stdin,
  stdout: stderr,
  stderr,
  onSignal,
  onExit,
  onContinued,
});
