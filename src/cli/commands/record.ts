/** `foldvm record`: the same as run, and every event goes into a file. */
import { command } from "../command.js";
import { recorded, RECORD_OPTIONS } from "../recorded.js";

export const record = command({
  name: "record",
  summary: "Runs a machine like run, and records it into a file that replays bit for bit.",
  hasOutcome: true,
  options: RECORD_OPTIONS,
  notes:
    "Example: foldvm record -o boot.fold --memory 256M --bios fw_jump.elf --kernel Image --initrd initramfs.cpio \\\n" +
    '           --append "console=ttyS0"\n',
  read: (args) => recorded(args),
});
