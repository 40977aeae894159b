/** `foldvm replay`: the console of a recording, as it was. */
import { playRecording } from "../../streams/playback.js";
import { openRecording } from "../../streams/recording.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { hex, place, speed } from "../figures.js";
import { IMAGE_OPTIONS, imageOptions } from "../machine-arguments.js";
import { checkStatistics, sayStatistics, STATISTICS_OPTION } from "../statistics.js";
import { sayWhereCut } from "../truncation.js";
import { position } from "../values.js";

export const replay = command({
  name: "replay",
  operand: "FILE",
  summary: "Replays a recording: prints its console byte for byte as it was.",
  options: {
    until: { value: "WHERE", help: "stop at an instruction count, after an event (seq:N), or both (SEQ@ICOUNT)" },
    quiet: { short: "q", help: "print the console and nothing else" },
    ...STATISTICS_OPTION,
    ...IMAGE_OPTIONS,
  },
  notes: "The images are found where they were when they were recorded, or beside FILE; those options name others.\n",
  async run(args, stdio) {
    checkStatistics(args);
    const until = args.get("until");
    const stop = until === undefined ? undefined : position("--until", until);
    const recording = openRecording(args.operands[0] ?? "", { images: imageOptions(args) });
    if (!args.has("quiet")) sayWhereCut(recording, stdio);
    const end = await playRecording(recording, { console: stdio.stdout, until: stop });
    if (!args.has("quiet") && !end.isCutShort) {
      stdio.stderr.write(
        `foldvm: replayed to ${place(end.position)}; state hash ${hex(end.stateHash)}; ` +
          `${speed(end.position.icount, end.elapsedMs)}\n`,
      );
    }
    sayStatistics(args, stdio, end.statistics);
    return EXIT.done;
  },
});
