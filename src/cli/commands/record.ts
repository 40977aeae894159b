/** `foldvm record`: the same as run, and every event goes into a file. */
import { fileSink } from "../../streams/host/file-sink.js";
import { measured } from "../../streams/store/measured-sink.js";
import { UsageError } from "../arguments.js";
import { command } from "../command.js";
import { bytes, count, speed } from "../figures.js";
import { say, session, SESSION_OPTIONS, verdict } from "../session-arguments.js";
import { startingPoint } from "../starting-point.js";
import { integer } from "../values.js";
import { hex64 } from "../../reducers/hex.js";

const DEFAULT_CHECKPOINT_INSNS = 2 ** 26;

export const record = command({
  name: "record",
  summary: "Runs a machine like run, and records it into a file that replays bit for bit.",
  options: {
    output: { short: "o", value: "FILE", help: "the recording; FILE must not exist yet" },
    force: { short: "f", help: "overwrite FILE" },
    ...SESSION_OPTIONS,
    checkpoint: {
      value: "INSNS",
      help: `instructions from one state hash in the recording to the next (${String(DEFAULT_CHECKPOINT_INSNS)}); 0: none`,
    },
  },
  notes:
    "Example: foldvm record -o boot.fold --memory 256M --bios fw_jump.elf --kernel Image --initrd initramfs.cpio \\\n" +
    '           --append "console=ttyS0"\n',
  async run(args, stdio) {
    const path = args.get("output");
    if (path === undefined) throw new UsageError("where to? Name the recording with -o FILE");
    const checkpoint = args.get("checkpoint");
    const checkpointInsns = checkpoint === undefined ? DEFAULT_CHECKPOINT_INSNS : integer("--checkpoint", checkpoint);
    const { open, nics, drives } = startingPoint(args);
    if (drives?.some(({ writeback }) => writeback === true) === true) {
      throw new UsageError(
        "--drive writeback=on: a recording replays from its disks as they were; record without it, and take the disk " +
          "as it became with foldvm export-disk",
      );
    }
    const sink = measured(fileSink(path, { overwrite: args.has("force") }));
    const more = { sink, nics, ...(checkpointInsns === 0 ? {} : { checkpointInsns }) };
    const end = await session(args, stdio, open, more);
    const { code, message } = verdict(args, end);
    const { seq, icount } = end.position;
    say(args, stdio, end, [
      message,
      `recorded ${path}: ${count(icount)} instructions, ${count(seq)} events, ${bytes(sink.byteCount)}; ` +
        `state hash ${hex64(end.stateHash)}; ${speed(icount, end.elapsedMs)}`,
    ]);
    return code;
  },
});
