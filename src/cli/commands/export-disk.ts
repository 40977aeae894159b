/** `foldvm export-disk`: a disk of a recording, as it was at any position, as a raw image. */
import { exportDisk as writeDisk } from "../../streams/host/disks/export.js";
import { openRecording } from "../../streams/session/open-recording.js";
import { UsageError } from "../arguments.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { bytes, place } from "../figures.js";
import { RECORDING_OPTIONS, recordingOptions } from "../machine-arguments.js";
import { integer, position } from "../values.js";

export const exportDisk = command({
  name: "export-disk",
  operand: "FILE",
  summary: "Writes a disk of a recording into a raw image, as the guest had it at the end or at any position.",
  options: {
    output: { short: "o", value: "FILE", help: "the raw image; it must not exist yet" },
    disk: { value: "N", help: "which disk, in the order of their --drive options (0)" },
    until: { value: "WHERE", help: "as of an instruction count, after an event (seq:N), or both (SEQ@ICOUNT)" },
    quiet: { short: "q", help: "say nothing" },
    ...RECORDING_OPTIONS,
  },
  notes: "Example: foldvm export-disk boot.fold -o end.raw && e2fsck -fn end.raw\n",
  async run(args, stdio) {
    const output = args.get("output");
    if (output === undefined) throw new UsageError("where to? Name the image with -o FILE");
    const number = integer("--disk", args.get("disk") ?? "0");
    const until = args.get("until");
    const stop = until === undefined ? undefined : position("--until", until);
    const recording = openRecording(args.operands[0] ?? "", recordingOptions(args));
    const slot = [...recording.disks.keys()][number];
    const image = slot === undefined ? undefined : recording.disks.get(slot);
    if (image === undefined) {
      throw new UsageError(`--disk ${String(number)}: the recording has ${String(recording.disks.size)} disks, from 0`);
    }
    const state = recording.at(stop);
    const disk = state.disks.find((one) => one.slot === slot);
    if (disk === undefined) throw new Error("a state without the disk of its machine");
    writeDisk(image, disk, output);
    if (!args.has("quiet"))
      stdio.stderr.write(
        `foldvm: disk ${String(number)} at ${place(state.position)}: ${output}, ${bytes(image.byteLength)}\n`,
      );
    return Promise.resolve(EXIT.done);
  },
});
