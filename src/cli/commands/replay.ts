/** `foldvm replay`: the console of a recording, as it was. */
import type { ConsoleName } from "../../streams/session/consoles.js";
import { playRecording, type PlaybackEnd } from "../../streams/session/playback.js";
import type { Recording } from "../../streams/past/recording.js";
import type { Stdio } from "../../streams/host/stdio.js";
import type { MonitorPlace } from "../../streams/session/monitor/monitor-place.js";
import { saveStateFile } from "../../streams/host/state-file.js";
import { requireFree } from "../../streams/host/whole-file.js";
import { readAll, UsageError } from "../problems.js";
import { gdbPlace } from "../gdb-arguments.js";
import { gdbReplay } from "../gdb-replay.js";
import { monitorReplay } from "../monitor-replay.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { place, speed } from "../figures.js";
import { consoleName, monitorPlace } from "../console-arguments.js";
import { RECORDING_OPTIONS, namedRecordingOptions } from "../machine-arguments.js";
import { checkStatistics, sayStatistics, STATISTICS_OPTION } from "../statistics.js";
import { SYMBOLS_OPTION } from "../symbols-option.js";
import { sayWhereCut } from "../truncation.js";
import { fileOf, openOperand } from "../recording-operand.js";
import { playbackOutcome, writeOutcome, OUTCOME_OPTION } from "../outcome.js";
import { requireFile, STANDARD_STREAM } from "../standard-stream.js";
import type { Arguments } from "../arguments.js";
import { placeOption } from "../values.js";
import { hex64 } from "../../reducers/hex.js";

const OPTIONS = {
  from: { value: "WHERE", help: "print what was printed from there on: an instruction count, /TEXT/, ... (start)" },
  until: { value: "WHERE", help: "stop at an instruction count, /TEXT/, ... (end)" },
  console: { value: "uart|SLOT", help: "print what this console did, not what all did; SLOT: a virtio console's" },
  save: {
    value: "STATE",
    file: "written",
    help: "write the state there to a file: foldvm run --from STATE goes on from it",
  },
  force: { short: "f", help: "overwrite it" },
  monitor: {
    value: "unix:PATH",
    isOptional: true,
    help: "a prompt at the recording's start, on standard input or at a socket: help lists its commands",
  },
  gdb: {
    value: "[HOST:]PORT|unix:PATH|-",
    help: "wait there for gdb, forward and back; -: on the standard streams, of a gdb whose `target remote |` this is",
  },
  ...SYMBOLS_OPTION,
  quiet: { short: "q", help: "print the console and nothing else" },
  ...OUTCOME_OPTION,
  ...STATISTICS_OPTION,
  ...RECORDING_OPTIONS,
} as const;

export const replay = command({
  name: "replay",
  operand: "FILE",
  summary: "Replays a recording: prints its console byte for byte as it was.",
  hasOutcome: true,
  options: OPTIONS,
  notes: "The images are found where they were when they were recorded, or beside FILE; those options name others.\n",
  read(args) {
    const { from, until, monitor, gdb, only } = readAll({
      from: () => placeOption("--from", args.get("from")),
      until: () => placeOption("--until", args.get("until")),
      monitor: () => monitorOf(args),
      gdb: () => gdbPlace("--gdb", args.get("gdb")),
      only: () => (args.has("console") ? consoleName("--console", args.get("console") ?? "") : undefined),
      statistics: () => {
        checkStatistics(args);
      },
    });
    if (args.has("from") && (monitor ?? gdb) !== undefined)
      throw new UsageError("--from: only of what is printed; where --monitor and --gdb begin, says --until");
    const save = args.get("save");
    requireFile("--save", save, "standard output is what the guest prints");
    return async (stdio) => {
      if (save !== undefined) requireFree(save, args.has("force"));
      const recording = await openOperand(args, stdio, namedRecordingOptions(args));
      if (!args.has("quiet")) sayWhereCut(recording, stdio);
      const stop = until(recording);
      if (monitor !== undefined)
        return monitorReplay(recording, stdio, {
          place: monitor,
          file: fileOf(args),
          until: stop,
        });
      if (gdb !== undefined) return gdbReplay(recording, stdio, { place: gdb, file: fileOf(args), until: stop });
      const end = await playRecording(recording, {
        console: stdio.stdout,
        from: from(recording),
        until: stop,
        only: consoleOf(recording, only),
      });
      if (save !== undefined && !end.isCutShort) {
        saveStateFile(save, end.state(), recording.info.images, { overwrite: args.has("force") });
      }
      report(args, stdio, recording, end);
      return EXIT.done;
    };
  },
});

type ReplayArguments = Arguments<typeof OPTIONS>;

function monitorOf(args: ReplayArguments): MonitorPlace | undefined {
  const place = monitorPlace(args.get("monitor"));
  if (place === "stdio" && fileOf(args) === STANDARD_STREAM)
    throw new UsageError("--monitor: standard input is the recording here; give --monitor=unix:PATH");
  return place;
}

function report(args: ReplayArguments, stdio: Stdio, recording: Recording, end: PlaybackEnd): void {
  if (!args.has("quiet") && !end.isCutShort) {
    stdio.stderr.write(
      `foldvm: replayed to ${place(end.position)}; state hash ${hex64(end.stateHash)}; ` +
        `${speed(end.insns, end.elapsedMs)}${end.diagnosis.text === "" ? "" : `; ${end.diagnosis.text}`}\n`,
    );
  }
  sayStatistics(args, stdio, end.statistics);
  if (args.has("json")) writeOutcome(stdio.stderr, playbackOutcome(fileOf(args), recording, end));
}

function consoleOf({ config }: Recording, name: ConsoleName | "virtio" | undefined): ConsoleName | undefined {
  if (name === undefined) return undefined;
  const slot = name === "virtio" ? config.virtio.indexOf("console") : name;
  if (slot === "uart16550" || config.virtio[slot] === "console") return slot;
  throw new UsageError(`--console ${String(name)}: the recorded machine has no virtio console there`);
}
