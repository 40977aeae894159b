/** `foldvm export-disk`: a disk of a recording, as it was at any position, as a raw image. */
import { exportDisk as writeDisk } from "../../streams/host/disks/export.js";
import { requireFree } from "../../streams/host/whole-file.js";
import type { Arguments } from "../arguments.js";
import { readAll, UsageError } from "../problems.js";
import { openOperand } from "../recording-operand.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { bytes, counted, place } from "../figures.js";
import { RECORDING_OPTIONS, recordingOptions } from "../machine-arguments.js";
import { requireFile } from "../standard-stream.js";
import { integer, placeOption } from "../values.js";

const OPTIONS = {
  output: { short: "o", value: "FILE", file: "written", help: "the raw image; it must not exist yet" },
  force: { short: "f", help: "overwrite it" },
  disk: { value: "N", help: "which disk, in the order of their --drive options (0)" },
  until: { value: "WHERE", help: "as of an instruction count, /TEXT/, ... (end)" },
  quiet: { short: "q", help: "say nothing" },
  ...RECORDING_OPTIONS,
} as const;

export const exportDisk = command({
  name: "export-disk",
  operand: "FILE",
  summary: "Writes a disk of a recording into a raw image, as the guest had it at the end or at any position.",
  options: OPTIONS,
  notes: "Example: foldvm export-disk boot.fold -o end.raw && e2fsck -fn end.raw\n",
  read(args) {
    const { output, number, stop } = readAll({
      output: () => outputOf(args),
      number: () => integer("--disk", args.get("disk") ?? "0"),
      stop: () => placeOption("--until", args.get("until")),
    });
    return async (stdio) => {
      requireFree(output, args.has("force"));
      const recording = await openOperand(args, stdio, recordingOptions(args));
      const slot = [...recording.disks.keys()][number];
      const image = slot === undefined ? undefined : recording.disks.get(slot);
      if (image === undefined) {
        throw new UsageError(
          recording.disks.size === 0
            ? "the recorded machine has no disk: there is nothing to export"
            : `--disk ${String(number)}: the recording has ${counted(recording.disks.size, "disk")}, from 0`,
        );
      }
      const state = recording.at(stop(recording));
      const disk = state.disks.find((one) => one.slot === slot);
      if (disk === undefined) throw new Error("a state without the disk of its machine");
      writeDisk(image, disk, output, { overwrite: args.has("force") });
      if (!args.has("quiet"))
        stdio.stderr.write(
          `foldvm: disk ${String(number)} at ${place(state.position)}: ${output}, ${bytes(image.byteLength)}\n`,
        );
      return EXIT.done;
    };
  },
});

function outputOf(args: Arguments<typeof OPTIONS>): string {
  const output = args.get("output");
  if (output === undefined) throw new UsageError("where to? Name the image with -o FILE");
  requireFile("-o", output, "a disk has holes, which only a file keeps");
  return output;
}
