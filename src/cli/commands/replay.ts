/** `foldvm replay`: the console of a recording, as it was. */
import type { ConsoleName } from "../../streams/session/consoles.js";
import { playRecording } from "../../streams/session/playback.js";
import { type Recording } from "../../streams/past/recording.js";
import { openRecording } from "../../streams/session/open-recording.js";
import { saveState } from "../../streams/store/saved-state/index.js";
import { requireFree, writeState } from "../../streams/host/state-file.js";
import { UsageError } from "../arguments.js";
import { monitorReplay } from "../monitor-replay.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { place, speed } from "../figures.js";
import { consoleName, monitorPlace } from "../console-arguments.js";
import { RECORDING_OPTIONS, recordingOptions } from "../machine-arguments.js";
import { checkStatistics, sayStatistics, STATISTICS_OPTION } from "../statistics.js";
import { symbolsIn, SYMBOLS_OPTION } from "../symbols-option.js";
import { sayWhereCut } from "../truncation.js";
import { position } from "../values.js";
import { hex64 } from "../../reducers/hex.js";

export const replay = command({
  name: "replay",
  operand: "FILE",
  summary: "Replays a recording: prints its console byte for byte as it was.",
  options: {
    until: { value: "WHERE", help: "stop at an instruction count, after an event (seq:N), or both (SEQ@ICOUNT)" },
    console: { value: "uart|SLOT", help: "print what this console did, not what all did; SLOT: a virtio console's" },
    save: { value: "STATE", help: "write the state there to a file: foldvm run --from STATE goes on from it" },
    force: { short: "f", help: "overwrite it" },
    monitor: {
      value: "unix:PATH",
      isOptional: true,
      help: "a prompt at the recording's start, on standard input or at a socket: help lists its commands",
    },
    ...SYMBOLS_OPTION,
    quiet: { short: "q", help: "print the console and nothing else" },
    ...STATISTICS_OPTION,
    ...RECORDING_OPTIONS,
  },
  notes: "The images are found where they were when they were recorded, or beside FILE; those options name others.\n",
  async run(args, stdio) {
    checkStatistics(args);
    const until = args.get("until");
    const stop = until === undefined ? undefined : position("--until", until);
    const monitor = monitorPlace(args.get("monitor"));
    const save = args.get("save");
    if (save !== undefined) requireFree(save, args.has("force"));
    const recording = openRecording(args.operands[0] ?? "", recordingOptions(args));
    if (!args.has("quiet")) sayWhereCut(recording, stdio);
    if (monitor !== undefined)
      return monitorReplay(recording, stdio, { place: monitor, until: stop, symbols: symbolsIn(args.get("symbols")) });
    const end = await playRecording(recording, {
      console: stdio.stdout,
      until: stop,
      only: consoleOf(recording, args.get("console")),
    });
    if (save !== undefined && !end.isCutShort) {
      writeState(save, saveState(end.state(), recording.info.images), args.has("force"));
    }
    if (!args.has("quiet") && !end.isCutShort) {
      stdio.stderr.write(
        `foldvm: replayed to ${place(end.position)}; state hash ${hex64(end.stateHash)}; ` +
          `${speed(end.position.icount, end.elapsedMs)}${end.diagnosis.text === "" ? "" : `; ${end.diagnosis.text}`}\n`,
      );
    }
    sayStatistics(args, stdio, end.statistics);
    return EXIT.done;
  },
});

function consoleOf({ config }: Recording, value: string | undefined): ConsoleName | undefined {
  if (value === undefined) return undefined;
  const name = consoleName("--console", value);
  const slot = name === "virtio" ? config.virtio.indexOf("console") : name;
  if (slot === "uart16550" || config.virtio[slot] === "console") return slot;
  throw new UsageError(`--console ${value}: the recorded machine has no virtio console there`);
}
