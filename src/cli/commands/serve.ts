/** `foldvm serve`: recordings, or a machine that runs, over HTTP. */
import type { Arguments } from "../arguments.js";
import { command } from "../command.js";
import { LIVE_OPTIONS, liveServer } from "../live-server.js";
import { NAMED_RECORDING_OPTIONS, namedRecordingOptions } from "../machine-arguments.js";
import { readAll, readEach, UsageError } from "../problems.js";
import { SERVER_OPTIONS, serveFiles, serverOptions, serving } from "../served-files.js";

/** Each is open as long as the server is. */
const MAX_SERVED = 64;

const FILE_OPTIONS = { ...SERVER_OPTIONS, ...NAMED_RECORDING_OPTIONS } as const;

const OPTIONS = {
  ...SERVER_OPTIONS,
  live: {
    help: "a machine that runs, in place of FILE: it is said and recorded as with foldvm record, without --index and --monitor",
  },
  ...NAMED_RECORDING_OPTIONS,
  ...LIVE_OPTIONS,
} as const;

export const serve = command({
  name: "serve",
  operand: "FILE",
  isOperandOptional: true,
  more: { words: "FILE...", most: MAX_SERVED - 1 },
  summary: "Serves recordings, or a machine that runs, over HTTP: events, states, memory, questions, and a page.",
  options: OPTIONS,
  notes:
    "Of a machine that runs (--live), stdio is the server's console at /live/console, nothing of it can be -, and\n" +
    "-o FILE keeps the recording. Of a recording, --bios, --kernel and the like say where its images are now.\n" +
    "Example: foldvm serve boot.fold, and then: curl -N localhost:8080/recordings/boot/events\n",
  read(args) {
    const { server, live } = readAll({
      server: () => serverOptions(args),
      live: () => (args.has("live") ? liveServer(args) : undefined),
      files: () => {
        if (!args.has("live")) requireFiles(args);
      },
    });
    return (stdio) => {
      const how = { server, started: (url: string) => stdio.stderr.write(`foldvm: ${url}\n`) };
      if (live !== undefined) return serving(stdio, how, (serve) => live(stdio, serve));
      return serveFiles(stdio, { ...how, paths: args.operands, recording: namedRecordingOptions(args) });
    };
  },
});

/** @throws {UsageError} */
function requireFiles(args: Arguments<typeof OPTIONS>): void {
  const { length } = args.operands;
  if (length === 0) throw new UsageError("FILE is missing: name recordings, or a machine with --live");
  if (length > MAX_SERVED)
    throw new UsageError(`${String(length)} recordings: at most ${String(MAX_SERVED)} are served`);
  const ofMachines = Object.keys(LIVE_OPTIONS).filter((name) => !Object.hasOwn(FILE_OPTIONS, name));
  readEach(ofMachines, (name) => {
    if (args.has(name as keyof typeof OPTIONS))
      throw new UsageError(`--${name} is for a machine that runs: add --live`);
  });
}
