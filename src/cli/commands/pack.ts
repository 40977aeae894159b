/** `foldvm pack`: a recording with its images in it. */
import { requireFree } from "../../streams/host/whole-file.js";
import { pack as packRecording } from "../../streams/past/pack.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { bytes, counted } from "../figures.js";
import { RECORDING_OPTIONS, recordingOptions } from "../machine-arguments.js";
import { UsageError } from "../problems.js";
import { openOperand } from "../recording-operand.js";
import { writeInto } from "../recording-output.js";
import { STANDARD_STREAM } from "../standard-stream.js";
import { sayWhereCut } from "../truncation.js";

const OPTIONS = {
  output: {
    short: "o",
    value: "OUT",
    file: "written",
    help: "the recording with its images; OUT must not exist yet; -: standard output",
  },
  force: { short: "f", help: "overwrite OUT" },
  quiet: { short: "q", help: "say nothing" },
  ...RECORDING_OPTIONS,
} as const;

export const pack = command({
  name: "pack",
  operand: "FILE",
  summary: "Writes a recording once more, with its images in it: one file that replays anywhere.",
  options: OPTIONS,
  notes: "The images are found where they were when they were recorded, or beside FILE; those options name others.\n",
  read(args) {
    const output = args.get("output");
    if (output === undefined) throw new UsageError("where to? Name the new recording with -o OUT");
    return async (stdio) => {
      if (output !== STANDARD_STREAM) requireFree(output, args.has("force"));
      const recording = await openOperand(args, stdio, recordingOptions(args));
      if (!args.has("quiet")) sayWhereCut(recording, stdio);
      const byteCount = await writeInto(output, stdio, args.has("force"), (sink) => {
        packRecording(recording, sink);
      });
      const images = new Set(recording.info.images.map(({ sha256 }) => sha256)).size;
      if (!args.has("quiet"))
        stdio.stderr.write(`foldvm: packed ${output}: ${counted(images, "image")}, ${bytes(byteCount)}\n`);
      recording.close();
      return EXIT.done;
    };
  },
});
