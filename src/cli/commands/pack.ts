/** `foldvm pack`: a recording with its images in it. */
import { fileSink } from "../../streams/host/file-sink.js";
import { streamSink } from "../../streams/host/stream-sink.js";
import { pack as packRecording } from "../../streams/past/pack.js";
import { measured } from "../../streams/store/measured-sink.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { bytes, counted } from "../figures.js";
import { RECORDING_OPTIONS, recordingOptions } from "../machine-arguments.js";
import { UsageError } from "../problems.js";
import { openOperand } from "../recording-operand.js";
import { STANDARD_STREAM } from "../standard-stream.js";
import { sayWhereCut } from "../truncation.js";

export const pack = command({
  name: "pack",
  operand: "FILE",
  summary: "Writes a recording once more, with its images in it: one file that replays anywhere.",
  options: {
    output: {
      short: "o",
      value: "OUT",
      file: "written",
      help: "the recording with its images; OUT must not exist yet; -: standard output",
    },
    force: { short: "f", help: "overwrite OUT" },
    quiet: { short: "q", help: "say nothing" },
    ...RECORDING_OPTIONS,
  },
  notes: "The images are found where they were when they were recorded, or beside FILE; those options name others.\n",
  read(args) {
    const output = args.get("output");
    if (output === undefined) throw new UsageError("where to? Name the new recording with -o OUT");
    return async (stdio) => {
      const recording = await openOperand(args, stdio, recordingOptions(args));
      if (!args.has("quiet")) sayWhereCut(recording, stdio);
      const piped = output === STANDARD_STREAM ? streamSink(stdio.stdout, "standard output") : undefined;
      const sink = measured(piped ?? fileSink(output, { overwrite: args.has("force") }));
      packRecording(recording, sink);
      await piped?.drained();
      const images = new Set(recording.info.images.map(({ sha256 }) => sha256)).size;
      if (!args.has("quiet"))
        stdio.stderr.write(`foldvm: packed ${output}: ${counted(images, "image")}, ${bytes(sink.byteCount)}\n`);
      recording.close();
      return EXIT.done;
    };
  },
});
