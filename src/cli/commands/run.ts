/** `foldvm run`: a machine on the terminal. */
import { command } from "../command.js";
import { say, session, SESSION_OPTIONS, verdict } from "../session-arguments.js";
import { startingPoint } from "../starting-point.js";

export const run = command({
  name: "run",
  summary: "Runs a machine: its console is the terminal, or standard input and output.",
  options: SESSION_OPTIONS,
  notes:
    "On a terminal, Ctrl-A X quits and Ctrl-A H helps. The guest's exit code is the command's.\n" +
    "Example: foldvm run --memory 256M --bios fw_jump.elf --kernel Image --initrd initramfs.cpio --append console=ttyS0\n",
  async run(args, stdio) {
    const { open, nics } = startingPoint(args);
    const end = await session(args, stdio, open, { nics });
    const { code, message } = verdict(args, end);
    say(args, stdio, end, [message]);
    return code;
  },
});
