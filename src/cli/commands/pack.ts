/** `foldvm pack`: a recording with its images in it. */
import { writeRecording } from "../../streams/host/file-sink.js";
import { requireFree } from "../../streams/host/whole-file.js";
import type { Stdio } from "../../streams/host/stdio.js";
import { streamSink } from "../../streams/host/stream-sink.js";
import { pack as packRecording } from "../../streams/past/pack.js";
import type { Recording } from "../../streams/past/recording.js";
import { measured } from "../../streams/store/measured-sink.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { bytes, counted } from "../figures.js";
import { RECORDING_OPTIONS, recordingOptions } from "../machine-arguments.js";
import { UsageError } from "../problems.js";
import { requireImagesKept } from "../overwritten-input.js";
import { fileOf, openOperand } from "../recording-operand.js";
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
      requireImagesKept(args, OPTIONS, recording.info.images, fileOf(args));
      const byteCount = await packInto(output, recording, stdio, args.has("force"));
      const images = new Set(recording.info.images.map(({ sha256 }) => sha256)).size;
      if (!args.has("quiet"))
        stdio.stderr.write(`foldvm: packed ${output}: ${counted(images, "image")}, ${bytes(byteCount)}\n`);
      recording.close();
      return EXIT.done;
    };
  },
});

/** Answers how many bytes it has. */
async function packInto(output: string, recording: Recording, { stdout }: Stdio, overwrite: boolean): Promise<number> {
  if (output === STANDARD_STREAM) {
    const piped = streamSink(stdout, "standard output");
    const sink = measured(piped);
    packRecording(recording, sink);
    await piped.drained();
    return sink.byteCount;
  }
  let byteCount = 0;
  writeRecording(output, overwrite, (file) => {
    const sink = measured(file);
    packRecording(recording, sink);
    byteCount = sink.byteCount;
  });
  return byteCount;
}
